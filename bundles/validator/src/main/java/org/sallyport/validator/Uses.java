package org.sallyport.validator;

import java.util.EnumSet;
import java.util.Set;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.HeapType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.RefType;
import org.sallyport.wasm.StorageType;
import org.sallyport.wasm.VecType;

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
            throw new Violation(otherwise, what + " needs " + feature);
        }
        met |= bit;
    }

    void need(Opcode op) {
        long bit = Effects.FEATURE[op.ordinal()];
        if ((allowed & bit) != bit) {
            throw new Violation(Problem.FEATURE_DISABLED, op.text() + " needs " + op.feature());
        }
        met |= bit;
    }

    void need(StorageType type) {
        switch (type) {
            case NumType _ -> {}
            case VecType vector -> need(Feature.SIMD, vector.toString());
            case PackedType packed -> need(Feature.GC, packed.toString());
            case RefType ref -> need(needed(ref), ref.toString());
        }
    }

    private static Feature needed(RefType type) {
        if (!(type.heap() instanceof HeapType.Abstract heap)) {
            return Feature.FUNCTION_REFERENCES;
        }
        return switch (heap) {
            case EXN, NOEXN -> Feature.EXCEPTIONS;
            case FUNC, EXTERN -> type.nullable() ? Feature.REFERENCE_TYPES : Feature.FUNCTION_REFERENCES;
            default -> Feature.GC;
        };
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
