"""`sipscope rules`: every rule on a line."""

import click

from sipscope.cli.output import write_text


@click.command("rules", epilog="Example: sipscope rules --format json")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(style: str) -> None:
    """List every rule: code, severity, name and what it finds."""
    from sipscope.rules.registry import RULES

    if style == "json":
        import json

        rows = [
            {
                "code": rule.code,
                "name": rule.name,
                "severity": rule.severity.value,
                "since": rule.since,
                "summary": rule.documentation.summary,
                "standards": list(rule.documentation.standards),
            }
            for rule in RULES
        ]
        write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", None)
        return
    width = max(len(rule.name) for rule in RULES)
    lines = [f"{rule.code:<9}{rule.severity:<9}{rule.name:<{width + 2}}{rule.documentation.summary}" for rule in RULES]
    write_text("\n".join(lines) + "\n", None)
