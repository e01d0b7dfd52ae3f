import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The Java clients behind the contract of the drivers: a line of JSON for each request, a line for each answer. */
public final class Driver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TIMEOUT_MS = 60_000;

    private final PrintStream answers;
    private final BufferedReader requests;

    private Driver(PrintStream answers) {
        this.answers = answers;
        this.requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    public static void main(String[] arguments) throws Exception {
        // Standard output is for answers; the logger would write to it too.
        PrintStream answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err);
        new Driver(answers).run();
        System.exit(0);
    }

    private void run() throws Exception {
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            JsonNode request = JSON.readTree(line);
            if (request.get("do").asText().equals("join")) {
                join(request);
                return;
            }

            say(answer(request));
        }
    }

    private ObjectNode answer(JsonNode request) throws Exception {
        try {
            switch (request.get("do").asText()) {
                case "produce":
                    return produce(request);
                case "consume":
                    return consume(request);
                default:
                    return JSON.createObjectNode().put("error", "there is no operation " + request.get("do"));
            }
        } catch (KafkaException | java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            return JSON.createObjectNode().put("error", e.toString());
        }
    }

    private static ObjectNode produce(JsonNode request) throws Exception {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, request.get("broker").asText());
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, request.path("codec").asText("none"));
        config.put(ProducerConfig.ACKS_CONFIG, Integer.toString(request.path("acks").asInt(-1)));
        // Its default asks for acknowledgements by all.
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, request.path("acks").asInt(-1) == -1);
        int timeoutMs = request.path("timeoutMs").asInt(TIMEOUT_MS);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (JsonNode record : request.get("records")) {
                ProducerRecord<byte[], byte[]> message = new ProducerRecord<>(
                    request.get("topic").asText(),
                    record.get("partition").asInt(),
                    record.hasNonNull("timestamp") ? record.get("timestamp").asLong() : null,
                    bytes(record, "key"),
                    bytes(record, "value"));
                for (JsonNode header : record.path("headers")) {
                    message.headers().add(header.get("key").asText(), bytes(header, "value"));
                }

                sent.add(producer.send(message));
            }

            for (Future<RecordMetadata> acknowledgement : sent) {
                acknowledgement.get(timeoutMs, TimeUnit.MILLISECONDS);
            }
        }

        return JSON.createObjectNode();
    }

    private static ObjectNode consume(JsonNode request) throws IOException {
        List<TopicPartition> partitions = IntStream.range(0, request.get("partitions").asInt())
            .mapToObj(number -> new TopicPartition(request.get("topic").asText(), number))
            .toList();
        int count = request.get("count").asInt();
        ArrayNode records = JSON.createArrayNode();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(request, Map.of())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(request.path("timeoutMs").asInt(TIMEOUT_MS));
            while (records.size() < count) {
                if (System.nanoTime() > deadline) {
                    return JSON.createObjectNode().put("error", records.size() + " of " + count + " records came in time");
                }

                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    records.add(json(record));
                }
            }
        }

        ObjectNode answer = JSON.createObjectNode();
        answer.set("records", records);
        return answer;
    }

    private static ObjectNode json(ConsumerRecord<byte[], byte[]> record) {
        ObjectNode node = JSON.createObjectNode()
            .put("partition", record.partition())
            .put("offset", record.offset())
            .put("timestamp", record.timestamp())
            .put("key", record.key())
            .put("value", record.value());
        ArrayNode headers = node.putArray("headers");
        for (Header header : record.headers()) {
            headers.addObject().put("key", header.key()).put("value", header.value());
        }

        return node;
    }

    /** Says what it gets before it commits it, so that what it said stands even when it is killed in between. */
    private void join(JsonNode request) throws IOException {
        AtomicBoolean ended = endOfInput();
        Map<String, Object> config = Map.of(
            ConsumerConfig.GROUP_ID_CONFIG, request.get("group").asText(),
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, request.get("sessionTimeoutMs").asInt(),
            ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 500,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(request, config)) {
            consumer.subscribe(List.of(request.get("topic").asText()), new Assignments());
            while (!ended.get()) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(100));
                for (ConsumerRecord<byte[], byte[]> record : polled) {
                    say(event("received").put("partition", record.partition()).put("offset", record.offset()).put("value", record.value()));
                }

                for (TopicPartition partition : polled.partitions()) {
                    List<ConsumerRecord<byte[], byte[]>> records = polled.records(partition);
                    commit(consumer, partition, records.get(records.size() - 1).offset() + 1);
                }
            }
        }

        say(event("left"));
    }

    /** A commit may fail while the group rebalances: then the records come again, to whoever has the partition next. */
    private void commit(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long offset) throws IOException {
        try {
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(offset)));
            say(event("committed").put("partition", partition.partition()).put("offset", offset));
        } catch (KafkaException e) {
            say(event("commitFailed").put("partition", partition.partition()).put("reason", e.toString()));
        }
    }

    private final class Assignments implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            // The next assignment says all that there is to say.
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            ObjectNode event = event("assigned");
            ArrayNode numbers = event.putArray("partitions");
            partitions.stream().mapToInt(TopicPartition::partition).sorted().forEach(numbers::add);
            try {
                say(event);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    private AtomicBoolean endOfInput() {
        AtomicBoolean ended = new AtomicBoolean();
        Thread reader = new Thread(() -> {
            try {
                while (requests.readLine() != null) {
                    // Nothing more is said to a member.
                }
            } catch (IOException e) {
                System.err.println(e);
            }

            ended.set(true);
        });
        reader.setDaemon(true);
        reader.start();
        return ended;
    }

    private static KafkaConsumer<byte[], byte[]> consumer(JsonNode request, Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, request.get("broker").asText());
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static ObjectNode event(String name) {
        return JSON.createObjectNode().put("event", name);
    }

    private static byte[] bytes(JsonNode node, String name) throws IOException {
        return node.hasNonNull(name) ? node.get(name).binaryValue() : null;
    }

    private synchronized void say(ObjectNode message) throws IOException {
        answers.println(JSON.writeValueAsString(message));
        answers.flush();
    }
}
