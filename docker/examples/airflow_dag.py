"""Airflow 3: each retrain trigger of driftd starts a run of this DAG.

Needs the providers apache-airflow-providers-apache-kafka and -common-messaging, and a connection "driftd" of type Kafka with
{"bootstrap.servers": "kafka:9092", "group.id": "airflow-retrain", "auto.offset.reset": "earliest", "enable.auto.commit": false}.
Its client reads committed records only, as it does by default. The triggerer imports `value` from here, so this file lies in its DAG folder.
"""

import json
import subprocess

from airflow.providers.common.messaging.triggers.msg_queue import MessageQueueTrigger
from airflow.sdk import DAG, Asset, AssetWatcher, task


def value(message):
    """What of a record starts a run: all of it; a tombstone starts none."""
    return message.value().decode("utf-8") if message.value() else None


drift = Asset(
    "driftd_triggers",
    watchers=[
        AssetWatcher(
            name="drift.triggers",
            trigger=MessageQueueTrigger(
                scheme="kafka", kafka_config_id="driftd", topics=["drift.triggers"], apply_function="airflow_dag.value"
            ),
        )
    ],
)

with DAG(dag_id="driftd_retrain", schedule=[drift], catchup=False, max_active_runs=1):

    @task
    def triggers(triggering_asset_events=None):
        """Those that started this run: several where they came while another one was under way. The id tells whether one was acted on before."""
        events = [json.loads(event.extra["payload"]) for event in triggering_asset_events[drift]]
        return list({event["id"]: event for event in events}.values())

    def tell(trigger, outcome):
        """The cooldown is extended by accepted and ends with deployed or failed. No shell: these are texts from events."""
        model, why = trigger["data"]["model"], trigger["id"]
        subprocess.run(["driftd", "outcome", model, outcome, "--trigger", why, "--bootstrap-servers", "kafka:9092"], check=True)

    @task
    def accept(trigger):
        tell(trigger, "accepted")
        return trigger

    @task
    def train(trigger):
        """Your training: each span has topic, partition, fromOffset (included) and toOffset (not)."""
        for span in trigger["data"]["freshData"]:
            print(trigger["data"]["model"], span["topic"], span["partition"], span["fromOffset"], span["toOffset"])
        return trigger

    @task
    def deploy(trigger):
        tell(trigger, "deployed")

    deploy.expand(trigger=train.expand(trigger=accept.expand(trigger=triggers())))
