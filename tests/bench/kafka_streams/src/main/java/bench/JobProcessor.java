package bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Works an event: account from the store, the rule, account to the store, and a change now and then. */
final class JobProcessor implements Processor<String, byte[], String, String> {
    private static final JsonFactory JSON = new JsonFactory();

    private final AtomicLong seen;
    private final Map<String, Integer> months = new HashMap<>();
    private ProcessorContext<String, String> context;
    private KeyValueStore<String, byte[]> accounts;

    JobProcessor(AtomicLong seen) {
        this.seen = seen;
    }

    @Override
    public void init(ProcessorContext<String, String> context) {
        this.context = context;
        accounts = context.getStateStore(Job.STORE);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        String eventId = null;
        String occurredAt = null;
        int firstUnit = 0;
        long units = 0;
        long chargeFen = 0;
        try (JsonParser parser = JSON.createParser(record.value())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "event_id" -> eventId = parser.getText();
                    case "occurred_at" -> occurredAt = parser.getText();
                    case "service" -> firstUnit = firstUnit(parser.getText());
                    case "units" -> units = parser.getLongValue();
                    case "charge_fen" -> chargeFen = parser.getLongValue();
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        work(record, eventId, month(occurredAt), firstUnit, units, chargeFen);
        seen.incrementAndGet();
    }

    private void work(
            Record<String, byte[]> record, String eventId, int month, int firstUnit, long units, long chargeFen) {
        String key = record.key();
        byte[] row = accounts.get(key);
        Account account = row == null ? new Account() : Account.unpack(row);
        int before = account.add(month, firstUnit, units, chargeFen);
        accounts.put(key, account.pack());
        if (before >= 0) {
            context.forward(record.withValue(change(key, eventId, before, account)));
        }
    }

    private static int firstUnit(String service) {
        return switch (service) {
            case "voice" -> 0;
            case "sms" -> 3;
            default -> 6;
        };
    }

    /** The month in Shanghai, by hour and offset, as job.py has it. */
    private int month(String occurredAt) {
        String hour = occurredAt.substring(0, 13) + occurredAt.substring(occurredAt.length() - 6);
        Integer known = months.get(hour);
        if (known == null) {
            OffsetDateTime at = OffsetDateTime.parse(hour.substring(0, 13) + ":00:00" + hour.substring(13));
            LocalDateTime local = at.atZoneSameInstant(ZoneOffset.ofHours(8)).toLocalDateTime();
            known = local.getYear() * 12 + local.getMonthValue() - 1;
            months.put(hour, known);
        }
        return known;
    }

    private static String change(String key, String eventId, int before, Account account) {
        return "{\"subscriber_id\":\"" + key + "\",\"event_id\":\"" + eventId
            + "\",\"from\":" + quoted(Account.TIERS[before]) + ",\"to\":" + quoted(Account.TIERS[account.level])
            + ",\"arpu_fen\":" + account.arpuFen()
            + ",\"month\":\"" + account.latest / 12 + String.format("-%02d", account.latest % 12 + 1) + "\"}";
    }

    private static String quoted(String tier) {
        return tier == null ? "null" : "\"" + tier + "\"";
    }
}
