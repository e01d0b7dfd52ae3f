"""kafka-python behind the contract of the drivers: a line of JSON for each request, a line for each answer."""

import base64
import json
import logging
import sys
import threading
import time

from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.errors import KafkaError

logging.basicConfig(stream=sys.stderr, level=logging.WARNING)


def decode(text):
    return None if text is None else base64.b64decode(text)


def encode(data):
    return None if data is None else base64.b64encode(data).decode()


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def produce(request):
    codec = request.get("codec", "none")
    producer = KafkaProducer(
        bootstrap_servers=request["broker"],
        compression_type=None if codec == "none" else codec,
        acks={-1: "all"}.get(request.get("acks", -1), request.get("acks")),
        max_request_size=2 << 20,
        linger_ms=5,
    )
    seconds = request.get("timeoutMs", 60000) / 1000
    try:
        sent = [
            producer.send(
                request["topic"],
                value=decode(record.get("value")),
                key=decode(record.get("key")),
                headers=[(header["key"], decode(header.get("value"))) for header in record.get("headers", [])],
                partition=record["partition"],
                timestamp_ms=record.get("timestamp"),
            )
            for record in request["records"]
        ]
        for future in sent:
            future.get(timeout=seconds)
    finally:
        producer.close()
    return {}


def consume(request):
    seconds = request.get("timeoutMs", 60000) / 1000
    partitions = [TopicPartition(request["topic"], number) for number in range(request["partitions"])]
    consumer = KafkaConsumer(bootstrap_servers=request["broker"], group_id=None, enable_auto_commit=False, max_partition_fetch_bytes=2 << 20)
    records = []
    try:
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        deadline = time.monotonic() + seconds
        while len(records) < request["count"]:
            if time.monotonic() > deadline:
                return {"error": "%d of %d records came in time" % (len(records), request["count"])}
            for polled in consumer.poll(timeout_ms=200).values():
                records += [
                    {
                        "partition": record.partition,
                        "offset": record.offset,
                        "key": encode(record.key),
                        "value": encode(record.value),
                        "headers": [{"key": key, "value": encode(value)} for key, value in record.headers],
                        "timestamp": record.timestamp,
                    }
                    for record in polled
                ]
    finally:
        consumer.close()
    return {"records": records}


class Assignments(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        say({"event": "assigned", "partitions": sorted(partition.partition for partition in assigned)})


def join(request):
    """Says what it gets before it commits it, so that what it said stands even when it is killed in between."""
    ended = threading.Event()

    def wait_for_end():
        for _ in sys.stdin:
            pass
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    consumer = KafkaConsumer(
        bootstrap_servers=request["broker"],
        group_id=request["group"],
        session_timeout_ms=request["sessionTimeoutMs"],
        heartbeat_interval_ms=500,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    consumer.subscribe([request["topic"]], listener=Assignments())
    while not ended.is_set():
        for partition, polled in consumer.poll(timeout_ms=100).items():
            for record in polled:
                say({"event": "received", "partition": record.partition, "offset": record.offset, "value": encode(record.value)})
            offset = polled[-1].offset + 1
            try:
                consumer.commit({partition: OffsetAndMetadata(offset, "")})
                say({"event": "committed", "partition": partition.partition, "offset": offset})
            except KafkaError as error:
                # The group rebalances: the records come again, to whoever has the partition next.
                say({"event": "commitFailed", "partition": partition.partition, "reason": repr(error)})
    consumer.close()
    say({"event": "left"})


def main():
    # Not by iteration, which would wait for more than a line.
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        request = json.loads(line)
        if request["do"] == "join":
            join(request)
            return
        try:
            answer = {"produce": produce, "consume": consume}[request["do"]](request)
        except (KafkaError, AssertionError) as error:
            answer = {"error": repr(error)}
        say(answer)


main()
