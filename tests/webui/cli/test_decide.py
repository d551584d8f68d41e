"""``propflow decide`` evaluates a table for the rows of a CSV file and says which rules matched."""

from __future__ import annotations

import json

import pytest

from webui.cli import main

FEE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:fee">
<inputData id="age_input" name="age"><variable name="age" typeRef="number"/></inputData>
<inputData id="since_input" name="since"><variable name="since" typeRef="date"/></inputData>
<decision id="fee" name="费用"><variable name="fee"/>
<informationRequirement><requiredInput href="#age_input"/></informationRequirement>
<informationRequirement><requiredInput href="#since_input"/></informationRequirement>
<decisionTable hitPolicy="FIRST">
<input label="age"><inputExpression typeRef="number"><text>age</text></inputExpression></input>
<input label="since"><inputExpression typeRef="date"><text>since</text></inputExpression></input>
<output name="fee"/>
<rule><inputEntry><text>&lt; 18</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>0</text></outputEntry></rule>
<rule><inputEntry><text>-</text></inputEntry>
<inputEntry><text>&lt; date("2020-01-01")</text></inputEntry><outputEntry><text>[10, 20]</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.fixture
def decide(tmp_path, capsys, monkeypatch):
    """Run the command on a decision and rows, in English; give its status and what it printed."""
    monkeypatch.setenv("LC_ALL", "C")

    def run(rows, *options, dmn=FEE):
        (tmp_path / "fee.dmn").write_text(dmn, encoding="utf-8")
        content = rows if isinstance(rows, bytes) else rows.encode()
        (tmp_path / "rows.csv").write_bytes(content)
        status = main(["decide", str(tmp_path / "fee.dmn"), "--rows", str(tmp_path / "rows.csv"), *options])
        return status, capsys.readouterr()

    return run


def test_each_row_is_printed_with_its_result_and_the_rules_that_matched(decide):
    status, printed = decide("age,since,姓名\n12,2021-05-01,小明\n40,2019-05-01,王\n40,,\n")

    assert status == 0
    assert printed.out.splitlines() == [
        "row  age  since       姓名  result   rules",
        "1    12   2021-05-01  小明  0        1",
        "2    40   2019-05-01  王    [10,20]  2",
        "3    40                     null            line 7: no rule matches",
    ]


def test_a_program_gets_everything_that_history_would_keep(decide):
    status, printed = decide("age,since\n12,2021-05-01\n", "--json")

    [row] = json.loads(printed.out)["rows"]
    assert (status, row["row"], row["value"], row["cells"]) == (0, 1, 0, {"age": "12", "since": "2021-05-01"})
    assert row["decisions"][0]["matched"] == [1]
    assert row["decisions"][0]["inputs"] == {"age": 12, "since": "2021-05-01"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("age\n12\n", "the decision wants since, for which there is no column"),
        ("age,since\ntwelve,\n", "row 1: age: twelve is no number (write it like 12.50)"),
        ("age,since\n1,yesterday\n", "row 1: since: yesterday is no date (write it like 2026-03-01)"),
        ("age,sinse\n1,\n", "(add a column, or rename sinse to since)"),
        ("age，since\n1,\n", "(divide the columns by , instead of a full-width sign)"),
        ("age,since\n", "line 1: there is no row beneath the names of the columns (add a row for each case)"),
        ('age,since\n"' + "x" * 200_000 + ",1\n", "line 2: the line cannot be read"),
        ("age,since\n" + "1,\n" * 100_001, "the file has more than 100000 rows; split it"),
        ("age,since\n=1 +,\n", "row 1: age:"),
        ("age,since\n1,2,3\n", "there are 3 cells but 2 columns"),
        ("age,age,since\n1,2,\n", "the column age is there twice"),
        ("", "no line that names the columns"),
        (b"\xff\xff\xff", "neither UTF-8 nor GB 18030"),
    ],
)
def test_rows_that_cannot_be_read_are_refused_with_their_place(decide, rows, said):
    status, printed = decide(rows)

    assert status == 1
    assert said in printed.err


def test_rows_as_spreadsheets_write_them_in_china_are_read(decide):
    status, printed = decide("age,since,姓名\n12,,小明\n".encode("gb18030"))

    assert status == 0
    assert "小明" in printed.out


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_rows_are_read_as_any_spreadsheet_writes_them(decide, encoding, divider):
    status, printed = decide("age,since,姓名\n12,,小明\n".replace(",", divider).encode(encoding))

    assert (status, printed.out.splitlines()[1].split()) == (0, ["1", "12", "小明", "0", "1"])


def test_a_line_break_in_a_cell_does_not_break_the_table(decide):
    status, printed = decide('age,since,note\n12,,"two\nlines"\n')

    assert (status, len(printed.out.splitlines())) == (0, 2)
    assert "two lines" in printed.out


def test_a_long_file_is_told_piece_by_piece(decide):
    status, printed = decide("age,since\n" + "12,\n" * 2_500)

    told = [line.split()[0] for line in printed.out.splitlines()]
    assert (status, told) == (0, ["row", *map(str, range(1, 2_501))])


def test_a_terminal_in_chinese_is_spoken_to_in_chinese(decide, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    assert decide("age,since\n12,\n")[1].out.splitlines()[0].split() == ["行", "age", "since", "结果", "规则"]
    assert decide("age,since\n40,\n")[1].out.splitlines()[1].split() == [
        "1",
        "40",
        "null",
        "第",
        "7",
        "行：没有匹配的规则",
    ]
    status, printed = decide("age,since\ntwelve,\n")
    assert (status, printed.err.splitlines()) == (
        1,
        ["错误: 第 1 行: age：twelve 不是 number (请写成 12.50 这样)", "共 1 个问题"],
    )
    [problem] = json.loads(decide("age,since\ntwelve,\n", "--json")[1].out)["problems"]
    assert problem["message"] == "age: twelve is no number"  # programs are spoken to in English


def test_a_cell_without_a_type_is_a_number_a_boolean_a_list_or_text(decide):
    untyped = FEE.replace(' typeRef="number"', "").replace(' typeRef="date"', "")

    status, printed = decide('age,since\n12,x\n0012,\ntrue,\n"=[1,2]",\n"@""P1D""",\n', "--json", dmn=untyped)

    seen = [row["decisions"][0]["inputs"]["age"] for row in json.loads(printed.out)["rows"]]
    assert (status, seen) == (0, [12, "0012", True, [1, 2], "P1D"])


def test_a_member_of_an_input_has_a_column_of_its_own(decide):
    of_tenant = FEE.replace("<text>age</text>", "<text>age.years</text>").replace(' typeRef="number"', "")

    status, printed = decide("age.years,since\n12,\n", dmn=of_tenant)

    assert status == 0
    assert printed.out.splitlines()[1].split() == ["1", "12", "0", "1"]


def test_an_unknown_decision_a_missing_file_and_a_choice_that_is_open_are_refused(decide, tmp_path, capsys):
    assert decide("age,since\n1,\n", "--decision", "nope")[0] == 1
    two = FEE.replace("</definitions>", '<decision id="other" name="other"/></definitions>')
    status, printed = decide("age,since\n1,\n", dmn=two)
    assert (status, "--decision: fee, other" in printed.err) == (1, True)
    assert main(["decide", str(tmp_path / "none.dmn"), "--rows", "none.csv"]) == 1
    assert "there is no file" in capsys.readouterr().err
