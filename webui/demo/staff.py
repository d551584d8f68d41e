"""The 42 people of the demo company, what each does where, and how the company is put together."""

from __future__ import annotations

from dataclasses import dataclass

UNITS = (
    ("group", "jinhe", "锦和服务", "Jinhe Services", None),
    ("company", "chengdu", "成都锦和物业服务有限公司", "Jinhe Property Service (Chengdu)", "jinhe"),
    ("project", "yunting", "锦和·云庭", "Jinhe Yunting", "chengdu"),
    ("project", "guoji", "锦和国际中心", "Jinhe International Centre", "chengdu"),
    ("project", "jinheli", "锦和里商业街", "Jinheli Street", "chengdu"),
    *(("building", f"yunting-{number}", f"{number}栋", f"Building {number}", "yunting") for number in range(1, 6)),
    ("area", "yunting-p", "地下车库", "Underground car park", "yunting"),
    ("building", "guoji-1", "写字楼", "Tower", "guoji"),
    ("area", "guoji-p", "地下停车场", "Car park", "guoji"),
    ("building", "jinheli-1", "商业街", "Street", "jinheli"),
)
"""(kind, code, Chinese name, English name, code of the parent)"""

LIFT_CERTIFICATE = "special_equipment_manager"
ELECTRICIAN = "low_voltage_electrician"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff.

    Attributes:
        roles: held at ``unit``, the first one is the post, the others are second hats.
        elsewhere: roles held at other units: (role, unit).
        skills: of a technician, the best first.
        certificates: (type, days from today to its last day).
        leaves_in: days to the last day of somebody who has resigned.
        since: days since somebody on probation came.
    """

    login: str
    zh: str
    en: str
    unit: str
    roles: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...] = ()
    skills: tuple[str, ...] = ()
    certificates: tuple[tuple[str, int], ...] = ()
    leaves_in: int | None = None
    since: int | None = None


STAFF = (
    # headquarters, 11
    Member("chenguodong", "陈国栋", "Chen Guodong", "chengdu", ("general_manager",), (("general_manager", "jinhe"),)),
    Member("linmin", "林敏", "Lin Min", "chengdu", ("deputy_general_manager",)),
    Member("zhaoyun", "赵芸", "Zhao Yun", "chengdu", ("finance_supervisor",)),
    Member("qianli", "钱莉", "Qian Li", "chengdu", ("accountant",)),
    Member("sunyi", "孙毅", "Sun Yi", "chengdu", ("legal",)),
    Member("liuyan", "刘妍", "Liu Yan", "chengdu", ("hr", "seal_keeper")),
    Member("wuxia", "吴霞", "Wu Xia", "chengdu", ("hr", "trainer", "archivist")),
    Member("huangjin", "黄瑾", "Huang Jin", "chengdu", ("quality",)),
    Member("gaoyuan", "高远", "Gao Yuan", "chengdu", (), (("process_admin", "jinhe"),)),
    Member("hejun", "何军", "He Jun", "chengdu", ("leasing_supervisor",)),
    Member("maling", "马玲", "Ma Ling", "chengdu", ("storekeeper",)),
    # Yunting, 15
    Member("xulei", "徐磊", "Xu Lei", "yunting", ("project_manager",)),
    Member("yangxue", "杨雪", "Yang Xue", "yunting", ("service_supervisor", "dispatcher")),
    Member("zhuli", "朱丽", "Zhu Li", "yunting", ("service_desk",)),
    Member("hufang", "胡芳", "Hu Fang", "yunting", ("service_desk",)),
    Member("guona", "郭娜", "Guo Na", "yunting", ("service_desk",), since=40),
    Member("linqing", "林青", "Lin Qing", "yunting", ("service_desk",)),
    Member("luoyan", "罗燕", "Luo Yan", "yunting", ("cashier",)),
    Member(
        "wangqiang",
        "王强",
        "Wang Qiang",
        "yunting",
        ("engineering_supervisor", "dispatcher"),
        certificates=((LIFT_CERTIFICATE, 700),),
    ),
    Member("zhangwei", "张伟", "Zhang Wei", "yunting", ("technician",), skills=("plumbing", "general")),
    Member(
        "liming",
        "李明",
        "Li Ming",
        "yunting",
        ("technician",),
        skills=("electric", "plumbing"),
        certificates=((ELECTRICIAN, 800),),
    ),
    Member(
        "zhouhao",
        "周浩",
        "Zhou Hao",
        "yunting",
        ("technician",),
        skills=("low_voltage", "electric", "plumbing"),
        certificates=((ELECTRICIAN, 20),),
    ),
    Member(
        "tangbin",
        "唐斌",
        "Tang Bin",
        "yunting",
        ("technician",),
        skills=("building", "plumbing", "general"),
        leaves_in=21,
    ),
    Member("songgang", "宋刚", "Song Gang", "yunting", ("security",), certificates=(("fire_facility_operator", 500),)),
    Member("dengtao", "邓涛", "Deng Tao", "yunting", ("security",), certificates=(("security_guard", 900),)),
    Member("pengfei", "彭飞", "Peng Fei", "yunting", ("security",), certificates=(("security_guard", 650),)),
    # International Centre, 10
    Member("caiyi", "蔡怡", "Cai Yi", "guoji", ("project_manager", "service_supervisor")),
    Member("panying", "潘颖", "Pan Ying", "guoji", ("service_desk", "dispatcher")),
    Member("dongmei", "董梅", "Dong Mei", "guoji", ("service_desk",)),
    Member("yuanhui", "袁慧", "Yuan Hui", "guoji", ("cashier",)),
    Member(
        "jiangbo", "蒋波", "Jiang Bo", "guoji", ("engineering_supervisor",), certificates=((LIFT_CERTIFICATE, 400),)
    ),
    Member(
        "yulong",
        "于龙",
        "Yu Long",
        "guoji",
        ("technician",),
        skills=("electric", "general"),
        certificates=((ELECTRICIAN, 610),),
    ),
    Member("caojian", "曹健", "Cao Jian", "guoji", ("technician",), skills=("hvac", "plumbing", "building")),
    Member(
        "fanglei",
        "方雷",
        "Fang Lei",
        "guoji",
        ("technician",),
        skills=("low_voltage", "electric", "plumbing"),
        certificates=((ELECTRICIAN, 25),),
    ),
    Member("shiyong", "石勇", "Shi Yong", "guoji", ("security",), certificates=(("fire_facility_operator", 320),)),
    Member("renfei", "任飞", "Ren Fei", "guoji", ("security",), certificates=(("security_guard", 480),)),
    # Jinheli, 6: the post of engineering supervisor is vacant, the manager does it meanwhile
    Member("weilan", "魏兰", "Wei Lan", "jinheli", ("project_manager", "engineering_supervisor", "service_supervisor")),
    Member("xiedan", "谢丹", "Xie Dan", "jinheli", ("service_desk", "dispatcher")),
    Member("shenyu", "沈瑜", "Shen Yu", "jinheli", ("cashier",)),
    Member(
        "hanxu",
        "韩旭",
        "Han Xu",
        "jinheli",
        ("technician",),
        skills=("electric", "low_voltage", "general"),
        certificates=((ELECTRICIAN, 720),),
    ),
    Member("fengkai", "冯凯", "Feng Kai", "jinheli", ("technician",), skills=("plumbing", "building", "general")),
    Member("tianyuan", "田原", "Tian Yuan", "jinheli", ("security",), certificates=(("security_guard", 540),)),
)

ABSENT, DEPUTY = "jiangbo", "wangqiang"
"""Who is on leave, and who does the work meanwhile."""
