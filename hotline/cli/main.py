"""The `hotline` command: a thin front. Each subcommand's module is imported only when it is run,
which keeps `hotline --help` near the start-up time of Python itself."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from hotline.cli.problems import EXIT_INTERRUPTED, EXIT_USAGE, explain

# name -> (module:attribute, help in English, help in Chinese)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": ("demo:demo", "A demonstration day and its clause report.", "演示日与逐条报告"),
    "init": ("init:init", "A book, a scenario and a CI file of your own.", "新建自己的项目"),
    "lint": ("lint:lint", "Check a menu book against the standard.", "检查菜单文件"),
    "book": ("book:book", "A book to and from other tools.", "菜单文件交换、录音、比较"),
    "serve": ("serve:serve", "Take real calls: web page, WebSocket.", "启动热线"),
    "acd": ("acd:acd", "One queue and its agents for several nodes.", "多节点共用的排队机"),
    "test": ("test:test", "Run scripted callers.", "运行拨测场景"),
    "report": ("report:report", "Clause by clause, from the stored calls.", "逐条标准报告"),
    "replay": ("replay:replay", "Play a stored call again.", "回放一通电话"),
    "scenario-from-call": (
        "from_call:from_call",
        "A scenario of a stored call.",
        "由通话生成场景",
    ),
    "call": ("call:call", "One scripted call to a running hotline.", "向运行中的热线拨一通电话"),
    "simulate": ("simulate:simulate", "Queues of a plan, call by call.", "排队仿真"),
    "load": ("load:load", "Real calls on a running hotline, by a plan.", "真实通话压测"),
    "erlang": ("erlang:erlang", "Exact queueing theory of a plan.", "精确排队理论"),
    "recording": ("recording:recording", "Write a call's recording as WAV.", "导出通话录音"),
    "fit": ("fit:fit", "A plan from a call log.", "由通话日志生成计划"),
    "sample-log": ("fit:sample_log", "A call log of a plan.", "生成示例日志"),
    "staff": ("staff:staff", "Agents by interval, and shifts.", "排班"),
    "purge": ("purge:purge", "Delete old journals (typed digits).", "清除过期的按键记录"),
}


class LazyGroup(click.Group):
    """A group that lists its commands without importing them; `--lang` may stand anywhere."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Bring a `--lang` that stands after the subcommand to the front."""
        return super().parse_args(ctx, language_first(args))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and give the command, None if there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"hotline.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`: English with Chinese beside it."""
        rows = [(name, f"{english} {chinese}") for name, (_, english, chinese) in COMMANDS.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def language_first(arguments: Sequence[str]) -> list[str]:
    """`arguments` with every `--lang X` or `--lang=X` before a `--` moved to the front."""
    front: list[str] = []
    rest = list(arguments)
    at = 0
    while at < len(rest) and rest[at] != "--":
        if rest[at] == "--lang" and at + 1 < len(rest):
            front += rest[at : at + 2]
            del rest[at : at + 2]
        elif rest[at].startswith("--lang="):
            front.append(rest.pop(at))
        else:
            at += 1
    return front + rest


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    envvar="HOTLINE_LANG",
    help="Language of messages; by default the locale's. 界面语言",
)
@click.version_option(package_name="hotline95598")
@click.pass_context
def cli(ctx: click.Context, lang: str | None) -> None:
    """95598 供电服务热线模拟器: call it, test it, teach it, overload it."""
    ctx.obj = lang or locale_language()


def locale_language() -> str:
    """`zh` or `en`, as the locale says."""
    import os

    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.startswith("zh") else "en"
    return "en"


def language_of(arguments: Sequence[str]) -> str:
    """The language that a command line asks for: `--lang`, HOTLINE_LANG, or the locale's."""
    import os

    for one, after in zip(arguments, (*arguments[1:], ""), strict=True):
        if one == "--lang" or one.startswith("--lang="):
            return after if one == "--lang" else one.partition("=")[2]
    return os.environ.get("HOTLINE_LANG") or locale_language()


def _see_help(problem: click.ClickException) -> str:
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    return "" if context is None else f" (see `{context.command_path} --help`)"


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit: 0 fine, 1 findings, 2 bad input, 130 interrupted."""
    try:
        code = cli.main(args=arguments, prog_name="hotline", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        sys.exit(EXIT_USAGE)
    except click.ClickException as problem:
        click.echo(f"hotline: {problem.format_message()}{_see_help(problem)}", err=True)
        sys.exit(EXIT_USAGE)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as problem:
        message = explain(problem, language_of(sys.argv[1:] if arguments is None else arguments))
        if message is None:
            raise
        click.echo(message, err=True)
        sys.exit(EXIT_USAGE)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
