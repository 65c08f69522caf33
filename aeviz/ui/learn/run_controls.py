"""The controls of a run under way: progress, pause, step, speed, learning rate, stop."""

import streamlit as st

from aeviz.errors import UserError
from aeviz.networks.settings import HIGHEST_RATE
from aeviz.text.numbers import duration
from aeviz.training.runs import RunRegistry, RunStatus, TrainingRun
from aeviz.ui.shell.visitor import visitor

# Steps a second; None for as fast as this machine goes.
SPEEDS = {"full speed": None, "slow": 50.0, "slower": 10.0, "one by one": 2.0}


def progress(status: RunStatus) -> None:
    """Draw the progress of a run, its speed and the time left."""
    if status.state == "queued":
        st.progress(0.0, f"Waiting its turn: number {status.place} in line.")
    elif status.state == "starting":
        ready = "Getting ready; the first training of a day takes some seconds longer."
        st.progress(0.0, status.sentence or ready)
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
            _paused_before(registry, run, me)
            return
        if control.paused:
            st.button("Resume", key="resume", on_click=control.resume)
        else:
            st.button("Pause", key="pause", on_click=control.pause)
        st.button("One step", key="step", on_click=control.single_step)
        st.button("Stop", key="stop", on_click=_stop, args=(registry, run, me))
    with pace:
        _speed(run)
    with steps:
        _learning_rate(run)


def _paused_before(registry: RunRegistry, run: TrainingRun, me: str) -> None:
    """Offer to resume or stop a paused run of the visitor's own that keeps this one waiting."""
    first = registry.current()
    if first is None or first is run or first.owner != me or not first.control.paused:
        return
    first.control.look(owner=True)
    st.button("Resume the paused one", key="resume_first", on_click=first.control.resume)
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


def _speed(run: TrainingRun) -> None:
    control, names = run.control, list(SPEEDS)
    speed = st.selectbox(
        "Speed",
        names,
        index=list(SPEEDS.values()).index(control.speed),
        key=f"speed.{run.id}",
    )
    if SPEEDS[speed] != control.speed:
        control.speed = SPEEDS[speed]


def _learning_rate(run: TrainingRun) -> None:
    control, planned = run.control, run.preset.learning_rate
    rate = st.number_input(
        "Learning rate",
        value=control.learning_rate or planned,
        min_value=1e-7,
        max_value=HIGHEST_RATE,
        format="%.6f",
        step=planned / 10,
        key=f"rate.{run.id}",
        help="Takes effect at once.",
    )
    if rate != (control.learning_rate or planned):
        control.learning_rate = rate
