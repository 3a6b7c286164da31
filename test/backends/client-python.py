"""Answers what the parsers of PyPI's prometheus-client read: one JSON object a line, in and out."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open_metrics
from prometheus_client.parser import text_string_to_metric_families as read_text

for line in sys.stdin:
    asked = json.loads(line)
    read = read_open_metrics if asked["contentType"].startswith("application/openmetrics-text") else read_text
    try:
        families = [
            {
                "name": family.name,
                "type": family.type,
                "help": family.documentation,
                "unit": family.unit,
                "samples": [[sample.name, sample.labels, str(sample.value)] for sample in family.samples],
            }
            for family in read(asked["body"])
        ]
        answer = {"families": families}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
