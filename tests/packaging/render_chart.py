"""Lints and renders the chart with Helm's own engine: render_chart.py CHART, values as JSON on standard input.

Prints a list of the rendered manifests, each with the path of its template; fails if the linter has more than remarks.
"""

import json
import sys

from helm_python import Chart, lint

path, values = sys.argv[1], json.load(sys.stdin)
report = lint(path, values, strict=True, namespace="saasbackup")
findings = [message for message in report["messages"] if message["severity"] > 1]
if findings or report["errors"]:
    sys.exit(f"lint: {findings} {report['errors']}")
with Chart.load(path) as chart:
    rendered = chart.render(values, name="saasbackup-exporter", namespace="saasbackup")
json.dump([[name, text] for name, text in sorted(rendered.items())], sys.stdout)
