"""Serves flows by Prefect's own runner, for `mage flows:serve`.

Standard input gives the orders: first a line of JSON that says what to serve; later `finish` (take no new runs, end when those under way have
ended), `replace` (the same, and pause nothing, because another one serves from now on) or `now` (hand the runs under way back, end). Its
end counts as `finish`: then whoever started this program is gone.
Standard output tells what happens, in lines that begin with MARK and go on in JSON. Everything else there, and on standard error, is
what the flows say.

Each flow is loaded by itself: one that can't be loaded is told, and the others are served.
"""

import asyncio
import contextlib
import datetime
import inspect
import json
import os
import sys
import threading
import traceback

import httpx
from prefect.client.orchestration import get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import load_flow_from_entrypoint
from prefect.runner import Runner
from prefect.schedules import Schedule
from prefect.states import Scheduled

try:
    from prefect.runner._scheduled_run_poller import ScheduledRunPoller as Poller
except ImportError:  # a release that asks for runs in another way
    Poller = None

MARK = "flowmage: "


def tell(event, **about):
    print(MARK + json.dumps({"event": event, **about}), flush=True)


def reason_of(error):
    """Says what went wrong in one line, and where in the user's code."""
    error = getattr(error, "user_exc", error)  # Prefect wraps what a script raises
    text = f"{type(error).__name__}: {error}".strip().rstrip(":")
    here = os.getcwd() + os.sep
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(here) and f.filename != __file__]
    frames = [f for f in frames if not f.filename.startswith(os.path.join(here, ".flowmage"))]
    place = f" ({os.path.relpath(frames[-1].filename)}:{frames[-1].lineno})" if frames else ""
    return text + place


def schedule_of(item):
    fields = {key: value for key, value in item.items() if value is not None}
    if "interval" in fields:
        fields["interval"] = datetime.timedelta(seconds=fields["interval"])
    if "anchor_date" in fields:
        fields["anchor_date"] = datetime.datetime.fromisoformat(fields["anchor_date"].replace("Z", "+00:00"))
    return Schedule(**fields)


@contextlib.contextmanager
def variables(values):
    """Sets variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Served(RunnerDeployment):
    """A deployment whose schedules stay as they are when it is there already: flows:serve has edited them, in place.

    From 3.2 on all releases update by one of these methods, and send no field that is not set.
    """

    def _left(self):
        self.schedules = None
        self.model_fields_set.discard("schedules")

    async def _update(self, *args, **kwargs):
        self._left()
        return await super()._update(*args, **kwargs)

    def _update_sync(self, *args, **kwargs):
        self._left()
        return super()._update_sync(*args, **kwargs)


def load(item):
    """Gives the deployment of one flow; None when the flow can't be loaded."""
    tell("loading", name=item["name"])
    try:
        with variables(item["env"]):
            flow = load_flow_from_entrypoint(item["entrypoint"], use_placeholder_flow=False)
        deployment = Served.from_flow(
            flow,
            name=item["name"],
            schedules=[schedule_of(s) for s in item["schedules"]],
            paused=item["paused"],
            **item["fields"],
        )
        deployment.entrypoint = item["entrypoint"]
        return deployment
    except BaseException as error:  # a file may well end the program: sys.exit()
        tell("broken", name=item["name"], reason=reason_of(error))
        return None


async def settle(result):
    """Waits for what is a coroutine in some releases of Prefect."""
    return await result if inspect.isawaitable(result) else result


async def register(runner, deployments):
    """Writes the deployments to the server and gives the ids of those that it took, by name."""
    taken = {}
    for deployment in deployments:
        try:
            add = getattr(runner, "aadd_deployment", runner.add_deployment)
            identity = await settle(add(deployment))
        except Exception as error:
            answer = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
            if answer is None or answer.status_code >= 500:
                raise  # the server, not the deployment
            tell("refused", name=deployment.name, reason=reason_of(error))
            continue
        taken[deployment.name] = identity
        tell("served", name=deployment.name, id=str(identity))
    return taken


def wait_for_server():
    """Has runners ask on while the server is away. By themselves they give up after three questions, and end the runs under way."""
    ask = Poller._get_and_submit_flow_runs
    away = False

    async def asked(poller, *args, **kwargs):
        nonlocal away
        try:
            await ask(poller, *args, **kwargs)
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            if isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500:
                raise
            if not away:
                tell("away", reason=reason_of(error))
            away = True
            return
        if away:
            tell("back")
        away = False

    Poller._get_and_submit_flow_runs = asked


def give_variables(by_deployment):
    """Has each deployment's runs see the variables that its flow has in the settings."""
    make = Poller.__init__

    def made(poller, *args, resolve_starter, **kwargs):
        def resolved(flow_run):
            starter = resolve_starter(flow_run)
            starter._env = {**starter._env, **by_deployment.get(flow_run.deployment_id, {})}
            starter._env_overrides_settings = True
            return starter

        make(poller, *args, resolve_starter=resolved, **kwargs)

    Poller.__init__ = made


class Processes:
    """The processes of the runs under way, where the runner itself keeps them, as it does from 3.2 to 3.6.20."""

    def __init__(self, runner):
        self.runner = runner

    def flow_run_ids(self):
        return list(self.runner._flow_run_process_map)

    async def kill(self, flow_run):
        entry = self.runner._flow_run_process_map.get(flow_run)
        if entry:
            pid = getattr(entry["pid"], "pid", entry["pid"])  # some releases put the process there
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                await self.runner._kill_process(pid)


def processes_of(runner):
    return getattr(runner, "_process_manager", None) or Processes(runner)


async def hand_back(runner):
    """Ends the runs under way and gives them back, for the next one who serves these flows. It gives their ids."""
    processes = processes_of(runner)
    ids = list(processes.flow_run_ids())
    for flow_run in ids:
        await processes.kill(flow_run)
    return ids


async def reschedule(ids):
    async with get_client() as client:
        for flow_run in ids:
            state = Scheduled(message="handed back by flows:serve")
            await client.set_flow_run_state(flow_run, state, force=True)
            tell("handed back", id=str(flow_run))


async def serve(spec, deployments, orders):
    runner = Runner(name=spec["runner"], limit=spec["limit"], pause_on_shutdown=spec["pause"])
    taken = await register(runner, deployments)
    if not taken:
        tell("nothing")
        return
    if Poller:
        wait_for_server()
        give_variables({taken[item["name"]]: item["env"] for item in spec["flows"] if item["name"] in taken})
    running = asyncio.ensure_future(runner.start())
    while not running.done() and not hasattr(runner, "_loops_task_group"):
        await asyncio.sleep(0.05)
    order = asyncio.ensure_future(orders.get())
    tell("ready")
    await asyncio.wait({running, order}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
        return
    if order.result() == "replace":
        runner.pause_on_shutdown = False
    # The runner's own stop() would cancel the runs under way. Without its polling loop it only waits for them.
    runner._loops_task_group.cancel_scope.cancel()
    tell("finishing", runs=len(processes_of(runner).flow_run_ids()))
    back = []
    if order.result() != "now":
        again = asyncio.ensure_future(orders.get())
        while not running.done() and (not again.done() or again.result() != "now"):
            if again.done():
                again = asyncio.ensure_future(orders.get())
            await asyncio.wait({running, again}, return_when=asyncio.FIRST_COMPLETED)
        again.cancel()
    if not running.done():
        back = await hand_back(runner)
    await running
    await reschedule(back)


def listen(lines, loop, orders):
    for line in lines:
        loop.call_soon_threadsafe(orders.put_nowait, line.decode().strip())
    loop.call_soon_threadsafe(orders.put_nowait, "finish")


async def main(spec, deployments, lines):
    orders = asyncio.Queue()
    threading.Thread(target=listen, args=(lines, asyncio.get_running_loop(), orders), daemon=True).start()
    await serve(spec, deployments, orders)


if __name__ == "__main__":
    # Without a buffer: Python would stumble over its lock when it ends while somebody reads.
    given = open(0, "rb", buffering=0, closefd=False)
    what = json.loads(given.readline())
    # Flows import what lies in the repository, as they do in a run.
    sys.path[0] = os.getcwd()
    if not Poller:  # then runs see only what all flows have in common
        os.environ.update(set.intersection(*(set(item["env"].items()) for item in what["flows"])))
    asyncio.run(main(what, [d for d in map(load, what["flows"]) if d is not None], given))
