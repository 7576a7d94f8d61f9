"""The fixed sentences of the report and of the screen summary, in both languages."""

from jiedun.model.text import Words

_PHRASES = {
    "report": ("借盾报告", "Jiedun report"),
    "skip": ("跳到正文", "Skip to content"),
    "contents": ("目录", "Contents"),
    "as_of": ("截至", "As of"),
    "made_at": ("生成于", "Made at"),
    "made_by": ("借盾", "Jiedun"),
    "version": ("版本", "version"),
    # summary
    "summary": ("概要", "Summary"),
    "read_a": ("我们读了 ", "We read "),
    "n_files": ("{n} 个文件", "{n} files"),
    "n_files_one": ("{n} 个文件", "{n} file"),
    "read_and": ("、", " and "),
    "n_rows": ("{n} 条记录", "{n} records"),
    "n_rows_one": ("{n} 条记录", "{n} record"),
    "comma": ("，", ", "),
    "found_a": ("看到 ", "and saw "),
    "n_kinds": ("{n} 类情况", "{n} kinds of conduct"),
    "n_kinds_one": ("{n} 类情况", "{n} kind of conduct"),
    "found_all": ("，共 ", " in "),
    "n_places": ("{n} 处", "{n} places"),
    "n_places_one": ("{n} 处", "{n} place"),
    "found_end": ("，值得留意。", " that deserve a look."),
    "found_none": ("没有看到需要指出的情况。", "and saw nothing to point out."),
    "none_means": (
        "这只说明交来的材料里没有看到，不等于事情没有发生。有新的材料，放进文件夹再检查一次即可。",
        "This speaks only of the material given. It does not mean that nothing happened. "
        "Add what else there is to the folder and check again.",
    ),
    "read_nothing": (
        "文件夹里没有能读的记录。请看“文件”一节，里面写了每个文件的情况。",
        "Nothing in the folder could be read as a record. The section on files says why.",
    ),
    "calm": (
        "原始文件一个字都没有改动，这份报告也没有联网。慢慢看，一件一件来。",
        "Your original files were not changed and nothing was sent anywhere. Take your time.",
    ),
    "found_title": ("看到了什么", "What was seen"),
    "kind": ("情况", "Conduct"),
    "times": ("处数", "Findings"),
    "force": ("最强的依据", "Strongest basis"),
    "kinds_note": (
        "“确定”说的是事实：时间、次数、双方身份由记录决定。一件事是否真的构成违法，由监管部门、公安机关或法院认定。",
        "“Certain” speaks of facts: times, counts and who is who follow from the records. Whether conduct is "
        "in breach is for the regulator, the police or a court to decide.",
    ),
    "sure": ("把握", "How sure"),
    "first_title": ("先做这些", "First things to do"),
    "more_steps": ("全部步骤", "All steps"),
    "owed_title": ("依法还欠多少", "What is lawfully owed"),
    "not_read": ("{n} 处没能读出", "{n} places could not be read"),
    "not_read_one": ("{n} 处没能读出", "{n} place could not be read"),
    # next
    "next": ("接下来做什么", "What to do next"),
    "no_steps": ("现在没有必须做的事。", "There is nothing you must do now."),
    "urgent": ("请优先", "First"),
    "due": ("最晚", "By"),
    "where": ("途径", "Where"),
    # calendar
    "calendar": ("联系日历", "Contact calendar"),
    "cal_lead": (
        "出借方和催收方主动打来的电话、发来的消息。每一列是{unit}，"
        "从上到下是一天里的 24 小时，颜色越深次数越多。",
        "Calls and messages placed by lenders and collectors. A column is {unit}, read from midnight "
        "at the top to midnight at the bottom; darker means more contacts.",
    ),
    "unit_day": ("一天", "one day"),
    "unit_week": ("一周", "one week"),
    "unit_month": ("四周", "four weeks"),
    "cal_none": ("没有出借方或催收方主动联系的记录。", "There is no contact placed by a creditor's side."),
    "lim_08": ("08:00 标准", "08:00 std"),
    "lim_21": ("21:00 提示", "21:00 adv"),
    "lim_22": ("22:00 标准", "22:00 std"),
    "lim_3": ("3 次提示", "3, adv"),
    "cal_total": ("主动联系共", "contacts placed"),
    "cal_early": ("早于 08:00", "before 08:00"),
    "cal_evening": ("21:00–22:00", "21:00–22:00"),
    "cal_night": ("22:00 以后", "from 22:00"),
    "cal_third": ("联系第三人", "to third persons"),
    "cal_over": ("超过 3 次的天数", "days over three calls"),
    "key_count": ("次联系", "contacts"),
    "key_third": ("含联系第三人", "third persons among them"),
    "key_rest": ("标准的休息时段 22:00–08:00", "rest hours of the standard, 22:00–08:00"),
    "key_evening": ("21:00–22:00，仅提示", "21:00–22:00, advisory only"),
    "busy_title": (
        "打给借款人的电话：每{unit}里，打得最多的一方一天打了几次",
        "Calls to the borrower: the most that one creditor's side placed on one day, per column of {unit}",
    ),
    "busy_note": (
        "“一天 3 次”在这里只是提示线：把接通和没接通的都算在内。国家推荐性标准另有自己的计数办法，见“依据”。",
        "The line at three is advisory here: it counts answered and unanswered calls together. "
        "The national standard counts in its own way; see the clauses.",
    ),
    "cal_left": (
        "另有 {n} 次联系的日期离得太远（四年以前或报告日之后），没有画在图上，但都在明细表里。",
        "{n} further contacts lie too far away (over four years back or after the report's day) to be "
        "drawn; they are in the full table.",
    ),
    "cal_desc": (
        "共 {total} 次；早于八点 {early} 次，二十一点到二十二点 {evening} 次，"
        "二十二点以后 {night} 次，联系第三人 {third} 次。",
        "{total} in all; {early} before 08:00, {evening} from 21:00 to 22:00, {night} from 22:00; "
        "{third} to third persons.",
    ),
    "not_drawn": (
        "这张图没有画出来，数字都在文字里。",
        "This chart could not be drawn; its figures stand in the text.",
    ),
    # timeline
    "timeline": ("时间线", "Timeline"),
    "tl_lead": (
        "有发现的日子逐条列出，旁边写明是什么情况；没有发现的日子合并成一行。"
        "时间都是北京时间。完整明细在 timeline.csv。",
        "Days with findings are shown row by row with the finding beside it; other days are one line. "
        "Times are Beijing time. The full list is timeline.csv.",
    ),
    "tl_none": ("没有可以排列的记录。", "There are no records to show."),
    "show": ("只看", "Show"),
    "all": ("全部", "all"),
    "st_rows": ("次联系", "contacts"),
    "st_placed": ("其中催收方主动", "placed by creditors' sides:"),
    "st_none": ("没有发现", "nothing found"),
    "more_rows": ("这一天另有 {n} 条未列出", "{n} more rows on this day"),
    "more_notes": ("，其中 {n} 条有发现", ", {n} of them with findings"),
    "own_word": ("这一天", "this day"),
    # rules
    "rules": ("依据：逐项说明", "Clauses, item by item"),
    "rules_lead": (
        "每一项都写明：发生了什么，对应哪一条，这一条有多大效力，我们有多大把握，还有什么能让它更清楚。",
        "For each: what happened, which clause, what force it has, how sure we are, what would settle it.",
    ),
    "n_findings": ("{n} 处", "{n} ×"),
    "happened": ("发生了什么", "What happened"),
    "when": ("时间", "When"),
    "what": ("情况", "What"),
    "evidence": ("出处", "Source"),
    "more_findings": (
        "另有 {n} 处同类情况，逐条见 findings.csv 与上面的时间线。",
        "{n} more of the same kind: see findings.csv and the timeline above.",
    ),
    "clause": ("对应的条文", "Which clause"),
    "unverified": ("待核实", "to be verified"),
    "unverified_means": (
        "这一条的原文还没有核对，所以只写名称和编号，不引用文字。使用前请先核对原文。",
        "The text has not been checked against its source, so only its name and number stand here.",
    ),
    "since": ("施行于", "in force from"),
    "no_clause": (
        "没有查到适用于这一天、这一类放贷方的条文，所以只作提示，不能单凭这一条说对方违规。",
        "No clause was found that applies on that day to this kind of lender: a hint, not by itself a breach.",
    ),
    "how_sure": ("有多大把握", "How sure"),
    "settle": ("什么能让它更清楚", "What would settle it"),
    "exceptions": ("我们考虑过的例外", "Exceptions considered"),
    "rule_id": ("规则", "Rule"),
    "no_findings": ("没有发现，所以没有条文要说明。", "There are no findings and so no clauses to explain."),
    # owed
    "owed": ("依法还欠多少", "What is lawfully owed"),
    "owed_lead": (
        "法律在有些地方留有不同算法，所以列出几种答案，各自写明前提。最后以法院或双方确认的数为准。",
        "Where the law leaves several ways to count, each answer stands with its assumption.",
    ),
    "not_computed": ("尚未计算", "Not computed yet"),
    "not_computed_means": (
        "这份报告还没有算钱。没有算，不等于不欠，也不等于对方说的数就对。",
        "This report holds no sums yet. That is no statement that you owe nothing, nor that "
        "the lender's figure is right.",
    ),
    "no_loan": (
        "文件夹里没有借款资料（loan.json），所以没有算。补上合同里的金额、日期和还款，就能算。",
        "There is no loan file (loan.json) in the folder. Add the sums, dates and payments to compute.",
    ),
    "assumption": ("前提", "Assumption"),
    "principal": ("本金", "Principal"),
    "interest": ("利息", "Interest"),
    "fees": ("费用", "Fees"),
    "penalty": ("违约金", "Penalty"),
    "paid": ("已还", "Paid"),
    "total": ("还欠", "Owed"),
    "overpaid": ("多还了", "Overpaid"),
    "contrast": ("仅作对照", "for contrast only"),
    "formula": ("怎么算的", "How it is worked out"),
    "rates": ("这笔借款的利率", "What the loan costs"),
    "cap": ("上限", "limit"),
    "balance": ("余额怎么变化", "Balance over time"),
    "balance_desc": (
        "虚线是合同的写法，实线是依法的算法。",
        "Dashed: as the contract is written. Solid: as the law counts.",
    ),
    "flow": ("已经还的钱，去了哪里", "Where each yuan paid went"),
    "range": (
        "大约 {low} 到 {high}，看采用哪种算法",
        "between {low} and {high}, depending on the assumption",
    ),
    "exactly": ("大约 {low}", "about {low}"),
    "maybe_over": ("可能已经多还了 {n}", "you may have overpaid {n}"),
    # people
    "people": ("谁是谁", "Who is who"),
    "number": ("号码", "Number"),
    "role": ("身份", "Role"),
    "side": ("属于哪一方", "Side"),
    "basis": ("身份从哪来", "Where the role comes from"),
    "proves": ("号码能说明什么", "What the number shows"),
    "given": ("parties.csv 第 {n} 行", "parties.csv row {n}"),
    "given_plain": ("您写明的", "given by you"),
    "proposed": ("程序推定，请您确认", "proposed, please confirm"),
    "contacts": ("联系次数", "Contacts"),
    "no_people": ("没有登记任何号码。", "No numbers are listed."),
    "questions": ("请您确认", "Please confirm"),
    "questions_lead": (
        "下面这些事弄清了，把握就更大。能确认的，在 parties.csv 里加上那一行，再检查一次。",
        "Settling these makes the findings surer. Add the line to parties.csv and check again.",
    ),
    "concerns": ("关系到", "concerns"),
    "add_line": ("要加的一行", "Line to add"),
    # files
    "files": ("文件", "Files"),
    "files_lead": (
        "每个文件的 SHA-256 是它的指纹：文件改动一个字，指纹就不同。",
        "The SHA-256 is a file's fingerprint: change one byte and it differs.",
    ),
    "file": ("文件", "File"),
    "kind_of": ("类型", "Kind"),
    "size": ("大小", "Size"),
    "rows": ("记录", "Records"),
    "reader": ("读取方式", "Read by"),
    "read_files_title": ("读过的文件", "Files read"),
    "kept_title": ("保留但没有读的文件", "Kept, not read"),
    "kept_means": (
        "这些文件原样保留、没有读内容：格式不认识的（如照片、录音）仍可作为证据；"
        "story.md 是您自己的叙述，不作为证据。",
        "Kept as they are, not read: formats the program does not know (photos, recordings) can still be evidence; "
        "story.md is your own account and is no evidence.",
    ),
    "problems": ("没能读出的地方", "What could not be read"),
    "no_problems": ("没有。所有认得的文件都读完了。", "None: every known file was read to its end."),
    "no_files": ("文件夹是空的。", "The folder is empty."),
    "place": ("位置", "Place"),
    "problem": ("情况", "What"),
    "remedy": ("怎么办", "What to do"),
    "more_list": ("另有 {n} 个，见 {file}。", "{n} more in {file}."),
    # about
    "about": ("关于这份报告", "About this report"),
    "about_1": (
        "这份报告由电脑按规则生成：先读文件，认出每个号码属于谁，再把每次联系与当天有效的条文逐一对照。",
        "A program made this report by rules: it read the files, worked out whose each number is, and "
        "held each contact against the clauses in force on that day.",
    ),
    "about_2": (
        "它不是法律意见，也不是鉴定结论。要起诉、报案或签协议之前，请找律师或当地法律援助（电话 12348）看一看。",
        "It is not legal advice and no expert opinion. Before suing, reporting or signing, show it to a "
        "lawyer or to legal aid (telephone 12348 in China).",
    ),
    "about_3": (
        "“提示”只供参考，不是法律。推荐性标准和自律规范也不是法律，但可以作为投诉的依据。",
        "An advisory is a hint and no law. Standards and self-discipline rules are no law "
        "either, though a complaint may rest on them.",
    ),
    "about_4": (
        "带引号的条文逐字来自当日有效的文本；标着“待核实”的没有核对原文，所以不引用。",
        "Clauses in quotation are verbatim from the text in force that day; those marked 'to be verified' "
        "have not been checked and are not quoted.",
    ),
    "about_5": (
        "文件里的文字一律原样显示。看不见的字符写成 ⟨U+…⟩ 的样子，免得它们骗过眼睛。",
        "Text from the files is shown as it is. Characters that cannot be seen are written as ⟨U+…⟩ so "
        "that they cannot deceive the eye.",
    ),
    "about_6": (
        "报告里有您和别人的个人信息，转发之前请想一想发给谁。",
        "The report holds personal information of you and others: think before passing it on.",
    ),
    "sure_title": ("“把握”是什么意思", "What 'how sure' means"),
    "force_title": ("“效力”是什么意思", "What 'force' means"),
    # screen
    "s_read": ("读了", "Read"),
    "s_found": ("看到", "Seen"),
    "s_owed": ("还欠", "Owed"),
    "s_not_read": ("没能读出", "Not read"),
    "s_first": ("先做", "First"),
    "s_report": ("报告", "Report"),
    "s_nothing": ("没有看到需要指出的情况（不等于没有发生）", "nothing to point out (not: nothing happened)"),
    "s_kept": ("，另有 {n} 个文件保留未读", ", {n} more kept and not read"),
    "s_more": ("……还有 {n} 类，见报告", "… {n} more kinds: see the report"),
    "s_places": ("{n} 处，例如 {place}", "{n} places, such as {place}"),
    "s_places_one": ("{n} 处：{place}", "{n} place: {place}"),
    "s_all_read": ("没有", "nothing"),
    "s_unchanged": (
        "原始文件没有改动。是否违法由有关机关认定；这不是法律意见。",
        "Files unchanged. An authority decides on breaches. Not legal advice.",
    ),
}  # fmt: skip

PHRASES = {key: Words(zh, en) for key, (zh, en) in _PHRASES.items()}
MONTHS = {
    "zh": tuple(f"{n}月" for n in range(1, 13)),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def say(key: str, lang: str, **gaps: object) -> str:
    """The sentence `key` in `lang` with its gaps filled, numbers with thousands parted.

    Where `n` is 1 and there is a sentence `<key>_one`, that one is taken.
    """
    one = f"{key}_one"
    sentence = PHRASES[one if gaps.get("n") == 1 and one in PHRASES else key].of(lang)
    shown = {name: f"{gap:,}" if isinstance(gap, int) else gap for name, gap in gaps.items()}
    return sentence.format(**shown) if gaps else sentence
