package org.sallyport;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * How large a module may be. The defaults are those of the JavaScript embedding (WebAssembly JavaScript Interface,
 * appendix "Implementation-defined limits"), which toolchains respect; those of names and operand stacks are ours.
 * Immutable and comparable.
 */
public record LoadLimits(Map<Limit, Integer> values) {

    /** What is limited; the number is the default. */
    public enum Limit {
        // @formatter:off
        MODULE_BYTES       (1 << 30,    "bytes of the module"),
        TYPES              (1_000_000,  "type definitions"),
        SUBTYPE_DEPTH      (63,         "supertypes above a type"),
        FUNCTIONS          (1_000_000,  "functions, with imported ones"),
        IMPORTS            (1_000_000,  "imports"),
        EXPORTS            (1_000_000,  "exports"),
        GLOBALS            (1_000_000,  "globals, with imported ones"),
        TABLES             (100_000,    "tables, with imported ones"),
        MEMORIES           (100,        "memories, with imported ones"),
        TAGS               (1_000_000,  "tags, with imported ones"),
        ELEMENT_SEGMENTS   (10_000_000, "element segments"),
        SEGMENT_ELEMENTS   (10_000_000, "elements of one segment"),
        DATA_SEGMENTS      (100_000,    "data segments"),
        PARAMS             (1_000,      "parameters of a function type"),
        RESULTS            (1_000,      "results of a function type"),
        FIELDS             (10_000,     "fields of a structure type"),
        BODY_BYTES         (7_654_321,  "bytes of one function body"),
        LOCALS             (50_000,     "locals of one function, with parameters"),
        BRANCH_TABLE       (65_520,     "targets of one br_table"),
        ARRAY_OPERANDS     (10_000,     "operands of one array.new_fixed"),
        OPERANDS           (1_000_000,  "values on the operand stack of one function"),
        NAME_BYTES         (100_000,    "bytes of one name");
        // @formatter:on

        private final int initial;
        private final String what;

        Limit(int initial, String what) {
            this.initial = initial;
            this.what = what;
        }

        /** What is counted, for messages. */
        public String what() {
            return what;
        }
    }

    public static final LoadLimits DEFAULT = new LoadLimits(Map.of());

    /** Missing entries take their defaults. */
    public LoadLimits {
        Map<Limit, Integer> all = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            int value = values.getOrDefault(limit, limit.initial);
            if (value < 0) {
                throw new IllegalArgumentException(limit + ": " + value);
            }
            all.put(limit, value);
        }
        values = Collections.unmodifiableMap(all);
    }

    public int max(Limit limit) {
        return values.getOrDefault(limit, limit.initial);
    }

    /**
     * Refuses what is too large.
     *
     * @param where place in the module, for the message; may be empty
     * @throws LimitExceededException if the count is above the limit
     */
    public void check(Limit limit, long count, String where) {
        int max = max(limit);
        if (count > max) {
            String what = where.isEmpty() ? limit.what() : limit.what() + " (" + where + ")";
            throw new LimitExceededException(what, count, max, "LoadLimits." + limit);
        }
    }

    public LoadLimits with(Limit limit, int max) {
        Map<Limit, Integer> changed = new EnumMap<>(values);
        changed.put(limit, max);
        return new LoadLimits(changed);
    }
}
