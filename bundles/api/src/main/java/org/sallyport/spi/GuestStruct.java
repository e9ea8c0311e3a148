package org.sallyport.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A structure. There is a chain of classes, each with some fields more, of which a type has the first that has room for its
 * fields: so those of a supertype are in the same fields of the same class or one that it extends, and most structures are one
 * object without wasted room. Code names the classes and fields.
 */
public sealed class GuestStruct extends GuestObject permits GuestStruct.Two {
    /** References that have fields of their own. */
    public static final int OBJECT_FIELDS = 4;
    /** {@code long}s that have fields of their own. */
    public static final int WORD_FIELDS = 4;

    private static final int EMPTY_BYTES = 16;
    private static final int[] BYTES = {EMPTY_BYTES, 24, 40, 48, 64, 72};

    public GuestStruct(GuestType type) {
        super(type);
    }

    /** Two references. */
    public static sealed class Two extends GuestStruct permits TwoAndTwo {
        public @Nullable Object object0;
        public @Nullable Object object1;

        public Two(GuestType type) {
            super(type);
        }
    }

    /** And two {@code long}s. */
    public static sealed class TwoAndTwo extends Two permits FourAndTwo {
        public long word0;
        public long word1;

        public TwoAndTwo(GuestType type) {
            super(type);
        }
    }

    /** And two references more. */
    public static sealed class FourAndTwo extends TwoAndTwo permits FourAndFour {
        public @Nullable Object object2;
        public @Nullable Object object3;

        public FourAndTwo(GuestType type) {
            super(type);
        }
    }

    /** And two {@code long}s more. */
    public static sealed class FourAndFour extends FourAndTwo permits Large {
        public long word2;
        public long word3;

        public FourAndFour(GuestType type) {
            super(type);
        }
    }

    /** And lists of all that are more. */
    public static final class Large extends FourAndFour {
        public final @Nullable Object[] objects;
        public final long[] words;

        public Large(GuestType type) {
            super(type);
            objects = new @Nullable Object[Math.max(0, type.objects() - OBJECT_FIELDS)];
            words = new long[Math.max(0, type.words() - WORD_FIELDS)];
        }
    }

    /** How far up the chain a structure with so many fields is: 0 is this class, 5 {@link Large}. */
    public static int level(int objects, int words) {
        if (objects > OBJECT_FIELDS || words > WORD_FIELDS) {
            return 5;
        }
        if (words > 2) {
            return 4;
        }
        if (objects > 2) {
            return 3;
        }
        return words > 0 ? 2 : objects > 0 ? 1 : 0;
    }

    /** About how many bytes of heap a structure takes. */
    public static int bytes(int objects, int words) {
        int level = level(objects, words);
        return level < 5
                ? BYTES[level]
                : BYTES[level] + 2 * 16 + 4 * Math.max(0, objects - OBJECT_FIELDS) + 8 * Math.max(0, words - WORD_FIELDS);
    }

    /** A structure of zeros. */
    public static GuestStruct of(GuestType type) {
        return switch (level(type.objects(), type.words())) {
            case 0 -> new GuestStruct(type);
            case 1 -> new Two(type);
            case 2 -> new TwoAndTwo(type);
            case 3 -> new FourAndTwo(type);
            case 4 -> new FourAndFour(type);
            default -> new Large(type);
        };
    }

    /** The reference at a {@linkplain GuestType#place place}. */
    public final @Nullable Object object(int place) {
        Objects.checkIndex(place, type.objects());
        return switch (place) {
            case 0 -> ((Two) this).object0;
            case 1 -> ((Two) this).object1;
            case 2 -> ((FourAndTwo) this).object2;
            case 3 -> ((FourAndTwo) this).object3;
            default -> ((Large) this).objects[place - OBJECT_FIELDS];
        };
    }

    public final void setObject(int place, @Nullable Object value) {
        Objects.checkIndex(place, type.objects());
        switch (place) {
            case 0 -> ((Two) this).object0 = value;
            case 1 -> ((Two) this).object1 = value;
            case 2 -> ((FourAndTwo) this).object2 = value;
            case 3 -> ((FourAndTwo) this).object3 = value;
            default -> ((Large) this).objects[place - OBJECT_FIELDS] = value;
        }
    }

    /** The {@code long} at a {@linkplain GuestType#place place}: what is narrower is in its low bits. */
    public final long word(int place) {
        Objects.checkIndex(place, type.words());
        return switch (place) {
            case 0 -> ((TwoAndTwo) this).word0;
            case 1 -> ((TwoAndTwo) this).word1;
            case 2 -> ((FourAndFour) this).word2;
            case 3 -> ((FourAndFour) this).word3;
            default -> ((Large) this).words[place - WORD_FIELDS];
        };
    }

    public final void setWord(int place, long value) {
        Objects.checkIndex(place, type.words());
        switch (place) {
            case 0 -> ((TwoAndTwo) this).word0 = value;
            case 1 -> ((TwoAndTwo) this).word1 = value;
            case 2 -> ((FourAndFour) this).word2 = value;
            case 3 -> ((FourAndFour) this).word3 = value;
            default -> ((Large) this).words[place - WORD_FIELDS] = value;
        }
    }
}
