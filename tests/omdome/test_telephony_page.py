"""docs/telephony.md names only settings that there are, and explains every message of the doctor's."""

import re

import pytest

from omdome.channel_settings import Sip, Voice
from omdome.config import CHECKOUT, parse_config
from omdome.texts import languages, load_texts
from voice.phone_check.findings import Step

PAGE = (CHECKOUT / "docs" / "telephony.md").read_text("utf-8")


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_examples_can_be_copied(example: str) -> None:
    assert parse_config(example).sip.host


def test_settings_that_are_named_exist() -> None:
    for section, model in (("sip", Sip), ("voice", Voice)):
        named = set(re.findall(rf"\[{section}\] ([a-z_]+)", PAGE))
        assert named <= set(model.model_fields), named - set(model.model_fields)


def test_every_message_is_explained() -> None:
    texts = load_texts("sv").below("doctor")
    advised = {key.removesuffix(".what") for key in texts if key.endswith(".what") and key.split(".")[0] in set(Step)}
    explained = set(re.findall(r"`((?:" + "|".join(Step) + r")\.[a-z_0-9]+)`", PAGE))
    assert explained == advised


def test_the_contents_lead_to_every_heading() -> None:
    headings = set(re.findall(r"^## (.*)$", PAGE, re.MULTILINE))
    contents = set(re.findall(r"^- \[(.*)\]\(#", PAGE, re.MULTILINE))
    assert headings == contents


def test_numbers_with_spaces_are_one_word_to_the_shell() -> None:
    advised = [load_texts(language)("doctor.all_well_so_far") for language in languages()]
    for text in (PAGE, *advised):
        assert re.findall(r"voice doctor '070-174 06 05'", text)
        assert not re.findall(r"(?:voice doctor|call --sip) 0\d", text)
