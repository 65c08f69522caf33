"""The controls of a run under way: progress, pause, step, speed, learning rate, stop."""

import streamlit as st

from aeviz.errors import UserError
from aeviz.networks.settings import SETTINGS
from aeviz.text.numbers import duration
from aeviz.training.runs import RunRegistry, RunStatus, TrainingRun
from aeviz.ui.shell import state
from aeviz.ui.shell.controls import number_field, refusal_shown
from aeviz.ui.shell.visitor import visitor

# Steps a second; None for as fast as this machine goes.
SPEEDS = {"full speed": None, "slow": 50.0, "slower": 10.0, "one by one": 2.0}


def progress(status: RunStatus) -> None:
    """Draw the progress of a run, its speed and the time left."""
    if status.state == "queued":
        st.progress(0.0, f"Waiting its turn: number {status.place} in line.")
    elif status.state == "starting":
        ready = "Getting ready; the first training of a day takes some seconds longer."
        st.progress(status.fetched or 0.0, status.sentence or ready)
    elif status.state == "ending":
        what = "Stopping" if status.step < status.total else "All steps are taken"
        share = status.step / status.total
        st.progress(min(1.0, share), f"{what}: what it has learned is measured and saved.")
    else:
        share = status.step / status.total
        words = [f"Step {status.step:,} of {status.total:,}"]
        if status.state == "paused":
            words.append("paused")
        elif status.steps_per_second:
            words.append(f"{status.steps_per_second:,.0f} steps a second")
            if status.seconds_left is not None:
                words.append(f"about {duration(status.seconds_left)} left")
        st.progress(min(1.0, share), " · ".join(words))


def run_panel(registry: RunRegistry, run: TrainingRun, status: RunStatus) -> None:
    """Draw the progress of a run and its controls, which act at once, in one row.

    Only its owner has the controls; once the owner has left, others may stop the run.
    """
    control, me = run.control, visitor()
    if run.owner not in ("", me):
        progress(status)
        _of_another(registry, run, status, me)
        return
    buttons, bar, pace, steps = st.columns([3, 5, 1.5, 1.8], vertical_alignment="bottom")
    with bar:
        progress(status)
    with buttons, st.container(horizontal=True, gap="small"):
        if status.state == "queued":
            st.button("Leave the line", key="stop", on_click=_stop, args=(registry, run, me))
            _held_up(registry, run, me)
            return
        # Stopped, it takes a second or two to measure and save: nothing can be changed any more.
        off = status.state == "ending"
        if status.fetched is not None:
            st.button("Cancel", key="stop", on_click=_stop, args=(registry, run, me))
            return
        if control.paused:
            st.button("Resume", key="resume", on_click=control.resume, disabled=off)
        else:
            st.button("Pause", key="pause", on_click=control.pause, disabled=off)
        st.button("One step", key="step", on_click=control.single_step, disabled=off)
        st.button("Stop", key="stop", on_click=_stop, args=(registry, run, me), disabled=off)
    with pace:
        _speed(run)
    with steps:
        _learning_rate(run)


def _held_up(registry: RunRegistry, run: TrainingRun, me: str) -> None:
    """Offer to end what keeps this run waiting: one's own, paused, or one whose owner has left."""
    first = registry.current()
    if first is None or first is run:
        return
    if first.owner == me:
        if not first.control.paused:
            return
        first.control.look(owner=True)
        st.button("Resume the paused one", key="resume_first", on_click=first.control.resume)
    elif first.control.owner_left:
        st.caption("Whoever started the training before this one has left: you may end it.")
    else:
        return
    st.button("Stop it", key="stop_first", on_click=_stop, args=(registry, first, me))


def _of_another(registry: RunRegistry, run: TrainingRun, status: RunStatus, me: str) -> None:
    if not run.control.owner_left:
        st.caption("Somebody else started this training: you can watch it, and train after it.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("The one who started it has left: you may end it.", width="content")
        label = "Take it out of the line" if status.state == "queued" else "Stop"
        st.button(label, key="stop", on_click=_stop, args=(registry, run, me))


def _stop(registry: RunRegistry, run: TrainingRun, me: str) -> None:
    try:
        registry.stop(run, me)
    except UserError as error:  # who came back just now
        st.toast(str(error), icon=":material/error:", duration="long")


def _knob(run: TrainingRun, name: str, truth: object) -> str:
    """Return the key of a control that shows what the run has: anew where another tab moved it."""
    group = f"{name}.{run.id}"
    if state.chosen(group) not in (None, str(truth)):
        state.restart(group)
    state.choose(group, str(truth))
    return state.key(group)


def _moved(run: TrainingRun, name: str, value: object) -> None:
    state.choose(f"{name}.{run.id}", str(value))


def _speed(run: TrainingRun) -> None:
    control = run.control
    now = next(name for name, speed in SPEEDS.items() if speed == control.speed)
    names, key = list(SPEEDS), _knob(run, "speed", now)
    speed = st.selectbox("Speed", names, index=names.index(now), key=key)
    if speed != now:
        control.speed = SPEEDS[speed]
        _moved(run, "speed", speed)


def _learning_rate(run: TrainingRun) -> None:
    control = run.control
    now = control.learning_rate or run.preset.learning_rate
    key = _knob(run, "rate", now)
    with refusal_shown():
        rate = number_field("Learning rate", now, key, help="Takes effect at once.")
        problem = SETTINGS["learning_rate"].problem(rate)
        if problem:
            raise UserError(problem)
        if rate != now:
            control.learning_rate = rate
            _moved(run, "rate", rate)
