// Reads Strimzi's objects (one JSON array on standard input) into the classes of its operator, and prints a line for
// each thing that does not fit: a value of a wrong type, a word or field that there is none, another apiVersion.
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;

public class StrimziObjects {
    private static final Map<String, Class<?>> KINDS = Map.of(
        "Kafka", Kafka.class, "KafkaNodePool", KafkaNodePool.class, "KafkaTopic", KafkaTopic.class,
        "KafkaUser", KafkaUser.class);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        for (JsonNode given : MAPPER.readTree(System.in)) {
            String name = given.path("kind").asText() + "/" + given.path("metadata").path("name").asText();
            Class<?> type = KINDS.get(given.path("kind").asText());
            if (type == null) {
                System.out.println(name + ": there is no such kind");
            } else if (!given.path("apiVersion").asText().equals("kafka.strimzi.io/v1")) {
                System.out.println(name + ": apiVersion is not kafka.strimzi.io/v1");
            } else {
                read(name, given, type);
            }
        }
    }

    private static void read(String name, JsonNode given, Class<?> type) throws Exception {
        try {
            look(name, given, MAPPER.treeToValue(given, type));
        } catch (JsonMappingException refusal) {
            System.out.println(name + ": " + refusal.getPathReference() + ": " + refusal.getOriginalMessage());
        }
    }

    // The classes keep fields that they do not know, so that an operator can warn of them, and read a word that an
    // enumeration does not have as nothing; here both are faults.
    private static void look(String place, JsonNode given, Object found) throws Exception {
        if (found == null && !given.isNull()) {
            System.out.println(place + ": " + given + " is not known");
        } else if (found instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                look(place + "[" + i + "]", given.path(i), list.get(i));
            }
        } else if (found != null && isModel(found.getClass())) {
            for (Object unknown : unknown(found)) {
                System.out.println(place + "." + unknown + ": there is no such field");
            }
            var bean = MAPPER.getSerializationConfig().introspect(MAPPER.constructType(found.getClass()));
            for (BeanPropertyDefinition property : bean.findProperties()) {
                if (property.getGetter() != null && given.has(property.getName())) {
                    JsonNode part = given.get(property.getName());
                    look(place + "." + property.getName(), part, property.getGetter().getValue(found));
                }
            }
        }
    }

    private static boolean isModel(Class<?> type) {
        return !type.isEnum() && (type.getName().startsWith("io.strimzi.") || type.getName().startsWith("io.fabric8."));
    }

    private static Iterable<?> unknown(Object found) throws Exception {
        try {
            Method kept = found.getClass().getMethod("getAdditionalProperties");
            Object properties = kept.invoke(found);
            return properties instanceof Map<?, ?> map ? map.keySet() : List.of();
        } catch (NoSuchMethodException none) {
            return List.of();
        }
    }
}
