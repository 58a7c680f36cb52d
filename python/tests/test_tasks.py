"""Task strings."""

import pytest

from leaflitter import LeafLitterError
from leaflitter.restore.tasks import Task, parse


@pytest.mark.parametrize(
    "text, task",
    [
        ("denoise:25", Task("denoise", (25.0, 25.0))),
        ("denoise:0-75", Task("denoise", (0.0, 75.0))),
        ("denoise:2.5-5", Task("denoise", (2.5, 5.0))),
        ("sr:x3", Task("sr", scale=3)),
    ],
)
def test_a_task_is_read_and_written_the_same(text, task):
    assert parse(text) == task
    assert str(task) == text


@pytest.mark.parametrize("text", ["", "denoise", "denoise:-1", "denoise:30-20", "denoise:256", "sr:x5", "sr:2", "denoise:nan", "sr:x2 "])
def test_what_is_no_task_is_named(text):
    with pytest.raises(LeafLitterError, match="there is no task"):
        parse(text)
