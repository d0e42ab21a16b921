package bench;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * The job on Kafka Streams, one thread: first cold, as another application that ends, then warmed up in the same JVM.
 *
 * <p>Arguments: bootstrap, app id, input, folder, events, guarantee, commit interval in ms. Says `seen N` every 50 ms,
 * N counting on from the cold pass to the warm one.
 */
public final class Job {
    static final String STORE = "accounts";
    private static final long CACHE_BYTES = 64L << 20;
    private static final Duration CLOSE = Duration.ofSeconds(30);

    private Job() {}

    public static void main(String[] args) throws InterruptedException {
        long events = Long.parseLong(args[4]);
        AtomicLong seen = new AtomicLong();
        sayFrom(seen);
        KafkaStreams cold = start(args, args[1] + "-cold", seen);
        while (seen.get() < events) {
            Thread.sleep(20);
        }
        cold.close(CLOSE);
        KafkaStreams warm = start(args, args[1], seen);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> warm.close(CLOSE)));
        Thread.currentThread().join();
    }

    private static void sayFrom(AtomicLong seen) {
        Thread speaker = new Thread(() -> {
            long said = 0;
            while (true) {
                long count = seen.get();
                if (count != said) {
                    said = count;
                    System.out.println("seen " + count);
                    System.out.flush();
                }
                try {
                    Thread.sleep(50);
                } catch (InterruptedException ended) {
                    return;
                }
            }
        });
        speaker.setDaemon(true);
        speaker.start();
    }

    private static KafkaStreams start(String[] args, String appId, AtomicLong seen) {
        Properties settings = new Properties();
        settings.putAll(Map.of(
            StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0],
            StreamsConfig.APPLICATION_ID_CONFIG, appId,
            StreamsConfig.STATE_DIR_CONFIG, args[3],
            StreamsConfig.PROCESSING_GUARANTEE_CONFIG, args[5],
            StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, args[6],
            StreamsConfig.NUM_STREAM_THREADS_CONFIG, "1",
            StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES,
            StreamsConfig.REPLICATION_FACTOR_CONFIG, "1",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"));
        KafkaStreams streams = new KafkaStreams(topology(args[2], appId + "-changes", seen), settings);
        streams.start();
        return streams;
    }

    private static Topology topology(String source, String output, AtomicLong seen) {
        var store = Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
            .withCachingEnabled()
            .withLoggingEnabled(Map.of());
        return new Topology()
            .addSource("events", new StringDeserializer(), new ByteArrayDeserializer(), source)
            .addProcessor("job", () -> new JobProcessor(seen), "events")
            .addStateStore(store, "job")
            .addSink("changes", output, new StringSerializer(), new StringSerializer(), "job");
    }
}
