package org.sallyport.text.wast;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.HeapType;

/** What a result must be. */
public sealed interface Expected {
    boolean matches(Value actual);

    /** A number or vector, bit for bit, or the host's object with a number, or null of whatever type. */
    record Exactly(Value value) implements Expected {
        @Override
        public boolean matches(Value actual) {
            return value instanceof Value.Null ? actual instanceof Value.Null : value.equals(actual);
        }

        @Override
        public String toString() {
            return value.toString();
        }
    }

    /** A NaN: {@code canonical} has only the top bit of the payload set, arithmetic ones have at least that. */
    record Nan(boolean wide, boolean canonical) implements Expected {
        @Override
        public boolean matches(Value actual) {
            return switch (actual) {
                case Value.F32(int bits) when !wide -> isNan(Integer.toUnsignedLong(bits), false, canonical);
                case Value.F64(long bits) when wide -> isNan(bits, true, canonical);
                default -> false;
            };
        }

        static boolean isNan(long bits, boolean wide, boolean canonical) {
            long quiet = wide ? 0x7FF8_0000_0000_0000L : 0x7FC0_0000L;
            long magnitude = bits & (wide ? Long.MAX_VALUE : Integer.MAX_VALUE);
            return canonical ? magnitude == quiet : (magnitude & quiet) == quiet;
        }

        @Override
        public String toString() {
            return (wide ? "f64" : "f32") + (canonical ? " nan:canonical" : " nan:arithmetic");
        }
    }

    /** One lane: a value, or a class of NaNs. */
    sealed interface Lane {
        record Bits(long bits) implements Lane {}

        record NanLane(boolean canonical) implements Lane {}
    }

    /** A vector with at least one lane that is a class of NaNs. */
    record Lanes(int laneBits, List<Lane> lanes) implements Expected {
        public Lanes {
            lanes = List.copyOf(lanes);
        }

        @Override
        public boolean matches(Value actual) {
            return actual instanceof Value.V128 vector
                    && IntStream.range(0, lanes.size()).allMatch(i -> matches(vector, i));
        }

        private boolean matches(Value.V128 vector, int i) {
            long lane = lane(vector, i);
            return switch (lanes.get(i)) {
                case Lane.Bits(long bits) -> bits == lane;
                case Lane.NanLane(boolean canonical) -> Nan.isNan(lane, laneBits == 64, canonical);
            };
        }

        private long lane(Value.V128 vector, int i) {
            int shift = i * laneBits;
            long word = (shift < 64 ? vector.low() : vector.high()) >>> (shift & 63);
            return laneBits == 64 ? word : word & (1L << laneBits) - 1;
        }

        @Override
        public String toString() {
            return lanes.stream()
                    .map(l -> switch (l) {
                        case Lane.Bits(long bits) -> "0x" + Long.toHexString(bits);
                        case Lane.NanLane(boolean canonical) -> canonical ? "nan:canonical" : "nan:arithmetic";
                    })
                    .collect(Collectors.joining(" ", "v128 (" + lanes.size() + " lanes) ", ""));
        }
    }

    /** Any null reference. */
    record Null() implements Expected {
        @Override
        public boolean matches(Value actual) {
            return actual instanceof Value.Null;
        }

        @Override
        public String toString() {
            return "null";
        }
    }

    /** Any reference to something of that kind, null excluded. */
    record Ref(HeapType.Abstract kind) implements Expected {
        @Override
        public boolean matches(Value actual) {
            return switch (actual) {
                case Value.Ref(HeapType.Abstract found) -> isA(found);
                case Value.Host(int _, boolean external) ->
                    kind == (external ? HeapType.Abstract.EXTERN : HeapType.Abstract.ANY);
                default -> false;
            };
        }

        private boolean isA(HeapType.Abstract found) {
            return found == kind
                    || switch (found) {
                        case STRUCT, ARRAY, I31 -> kind == HeapType.Abstract.ANY || kind == HeapType.Abstract.EQ;
                        case EQ -> kind == HeapType.Abstract.ANY;
                        default -> false;
                    };
        }

        @Override
        public String toString() {
            return "ref." + kind;
        }
    }

    /** One of several. */
    record Either(List<Expected> choices) implements Expected {
        public Either {
            choices = List.copyOf(choices);
        }

        @Override
        public boolean matches(Value actual) {
            return choices.stream().anyMatch(c -> c.matches(actual));
        }

        @Override
        public String toString() {
            return choices.stream().map(Object::toString).collect(Collectors.joining(" or "));
        }
    }

    /** Why the results are not what was expected, or null if they are. */
    static @Nullable String mismatch(List<Expected> expected, List<Value> actual) {
        boolean same = expected.size() == actual.size()
                && IntStream.range(0, actual.size()).allMatch(i -> expected.get(i).matches(actual.get(i)));
        return same ? null : "expected " + expected + ", found " + actual;
    }
}
