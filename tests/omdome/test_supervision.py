"""Components run until told to stop; one that falls gets up again; one that can't go on stops all."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from omdome.supervision import Component, FatalError, every, stop_on_signals, supervise
from workflow.backoff import Backoff

QUICK = Backoff(first=timedelta(milliseconds=5), longest=timedelta(milliseconds=20))


async def until_stopped(stop: asyncio.Event) -> None:
    await stop.wait()


async def test_a_component_that_falls_is_started_again_and_the_others_go_on() -> None:
    stop = asyncio.Event()
    starts: list[str] = []

    async def shaky(stop: asyncio.Event) -> None:
        starts.append("shaky")
        if len(starts) == 3:
            stop.set()
        raise ConnectionError("network down")

    await supervise([Component("shaky", shaky), Component("steady", until_stopped)], stop, 1, lambda: 0.5, QUICK)
    assert starts == ["shaky"] * 3


async def test_what_is_in_flight_is_finished_but_not_waited_for_forever() -> None:
    stop = asyncio.Event()
    ends: list[str] = []

    async def finishing(stop: asyncio.Event) -> None:
        await stop.wait()
        await asyncio.sleep(0.05)
        ends.append("finished")

    async def stuck(stop: asyncio.Event) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("broken off")

    asyncio.get_running_loop().call_later(0.05, stop.set)
    began = time.monotonic()
    await supervise([Component("finishing", finishing), Component("stuck", stuck)], stop, grace_seconds=0.3)
    assert ends == ["finished", "broken off"]
    assert time.monotonic() - began < 2


async def test_a_fatal_error_stops_everything_and_is_raised() -> None:
    stop = asyncio.Event()
    ended: list[bool] = []

    async def steady(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append(True)

    async def hopeless(stop: asyncio.Event) -> None:
        raise FatalError("port 8080 is taken")

    with pytest.raises(FatalError, match="port 8080 is taken"):
        await supervise([Component("web", hopeless), Component("steady", steady)], stop, 1)
    assert ended == [True]


async def test_a_repeated_job_goes_on_after_a_failure() -> None:
    stop = asyncio.Event()
    times = 0

    async def job() -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise OSError("disk full")
        if times == 3:
            stop.set()

    await asyncio.wait_for(supervise([every(0.01, "job", job)], stop, 1), 5)
    assert times == 3


async def test_a_signal_asks_to_stop() -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stop.wait(), 5)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)


def test_a_second_signal_ends_at_once() -> None:
    program = """
import asyncio
from omdome.supervision import Component, stop_on_signals, supervise

async def deaf(stop):
    print("up", flush=True)
    await asyncio.Event().wait()

async def main():
    stop = asyncio.Event()
    stop_on_signals(stop)
    await supervise([Component("deaf", deaf)], stop, 60)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()
        time.sleep(0.3)
        assert process.poll() is None, "the first signal waits for what is in flight"
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == -signal.SIGTERM
