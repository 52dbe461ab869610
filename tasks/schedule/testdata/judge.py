"""Says for each [form, text] that comes in as JSON whether Prefect takes it as a schedule."""

import json
import sys

from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule


def takes(form: str, text: str) -> bool:
    try:
        if form == "cron":
            CronSchedule(cron=text)
        elif form == "rrule":
            RRuleSchedule(rrule=text)
        elif form == "timezone":
            CronSchedule(cron="0 6 * * *", timezone=text)
        elif form == "anchor":
            IntervalSchedule(interval=60, anchor_date=text)
        else:
            IntervalSchedule(interval=text)
    except Exception:
        return False
    return True


json.dump([takes(*case) for case in json.load(sys.stdin)], sys.stdout)
