"""The API as this installation has it, made from the configuration."""

from datetime import datetime

from models.case import AddressKind
from omdome.policies import columns_of, digest_of, languages_of, row_rules_of
from omdome.speech import survey_of
from omdome.wiring import Application
from web.api import ApiSettings
from web.api_access import Access
from web.case_api import ParseCase

VERSION = "1"  #: of the API: another one when a caller would have to change


def access_of(app: Application) -> Access:
    """Tokens, for /api/ and /metrics alike."""
    return Access(app.store, app.clock, app.credentials.api_token, app.config.web.trusted_proxies)


def api_of(app: Application) -> ApiSettings:
    from intake.case_schema import case_schema
    from intake.jsonl_cases import ObjectParser
    from intake.rows import RowParser
    from intake.values import read_mail, read_phone

    config = app.config

    def parser_at(now: datetime) -> ParseCase:
        return ObjectParser(columns_of(config), RowParser(row_rules_of(config, now)))

    def read_address(kind: AddressKind, text: str) -> str:
        return read_mail(text) if kind is AddressKind.MAIL else read_phone(text, config.intake.phone_region)

    return ApiSettings(
        organisation=config.organisation.name,
        version=VERSION,
        policy=survey_of(config),
        parser_at=parser_at,
        case_schema=case_schema(columns_of(config), languages_of(config)),
        read_address=read_address,
        figures=digest_of(config),
    )
