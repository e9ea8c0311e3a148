package org.sallyport.validator;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.StorageType;

/** Which proposals are allowed, and which were met. One per thread; {@link #merge} brings them together. */
final class Uses {
    private static final Feature[] ALL = Feature.values();

    private final long allowed;
    private long met;

    Uses(Set<Feature> allowed) {
        long bits = 0;
        for (Feature feature : allowed) {
            bits |= bit(feature);
        }
        this.allowed = bits;
    }

    /** The same permissions, nothing met. */
    Uses(Uses permissions) {
        allowed = permissions.allowed;
    }

    static long bit(Feature feature) {
        return 1L << feature.ordinal();
    }

    boolean allows(Feature feature) {
        return (allowed & bit(feature)) != 0;
    }

    void need(Feature feature, String what) {
        need(feature, Problem.FEATURE_DISABLED, what);
    }

    void need(Feature feature, Problem otherwise, String what) {
        long bit = bit(feature);
        if ((allowed & bit) == 0) {
            throw Violation.missing(otherwise, feature, what);
        }
        met |= bit;
    }

    void need(Opcode op) {
        long bit = Effects.FEATURE[op.ordinal()];
        if ((allowed & bit) != bit) {
            throw Violation.missing(Problem.FEATURE_DISABLED, Objects.requireNonNull(op.feature()), op.text());
        }
        met |= bit;
    }

    void need(StorageType type) {
        Feature feature = Feature.of(type);
        if (feature != null) {
            need(feature, type.toString());
        }
    }

    /** Bits of what was met. */
    long met() {
        return met;
    }

    void merge(long others) {
        met |= others;
    }

    Set<Feature> features() {
        Set<Feature> set = EnumSet.noneOf(Feature.class);
        for (Feature feature : ALL) {
            if ((met & bit(feature)) != 0) {
                set.add(feature);
            }
        }
        return set;
    }
}
