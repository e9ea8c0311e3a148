package org.sallyport.itests.support.random;

import static org.sallyport.itests.support.random.Topic.*;

import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/** Which topics the modules of a long run have: some always, each of the others in every other module. */
public enum Family {
    SCALARS(EnumSet.noneOf(Topic.class), EnumSet.of(TAIL_CALLS, TYPED_REFERENCES, LINKED, HOST)),
    CALLS(EnumSet.noneOf(Topic.class), EnumSet.of(TAIL_CALLS, TYPED_REFERENCES, EXCEPTIONS, OLD_EXCEPTIONS, LINKED, HOST,
            MULTI_MEMORY, MEMORY64)),
    VECTORS(EnumSet.of(Topic.VECTORS), EnumSet.of(RELAXED_VECTORS, ATOMICS, TAIL_CALLS, EXCEPTIONS, LINKED, MULTI_MEMORY)),
    OBJECTS(EnumSet.of(Topic.OBJECTS), EnumSet.of(TAIL_CALLS, TYPED_REFERENCES, EXCEPTIONS, OLD_EXCEPTIONS, LINKED, HOST,
            Topic.VECTORS)),
    ALL(EnumSet.noneOf(Topic.class), EnumSet.allOf(Topic.class));

    private final Set<Topic> always;
    private final Set<Topic> sometimes;

    Family(Set<Topic> always, Set<Topic> sometimes) {
        this.always = always;
        this.sometimes = sometimes;
    }

    Set<Topic> draw(Random random) {
        EnumSet<Topic> topics = EnumSet.noneOf(Topic.class);
        topics.addAll(always);
        for (Topic topic : Topic.values()) { // in that order, whatever the set's
            if (sometimes.contains(topic) && random.nextBoolean()) {
                topics.add(topic);
            }
        }
        if (topics.contains(EXCEPTIONS) && topics.contains(OLD_EXCEPTIONS)) {
            topics.remove(random.nextBoolean() ? EXCEPTIONS : OLD_EXCEPTIONS);
        }
        if (!topics.contains(Topic.VECTORS)) {
            topics.remove(RELAXED_VECTORS);
        }
        return topics;
    }
}
