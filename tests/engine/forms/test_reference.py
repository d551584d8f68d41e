"""The examples in the reference are run."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "forms.md"


def test_the_examples_of_the_reference_run():
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)

    assert examples
    for example in examples:
        exec(example, {})
