package org.sallyport.engine.objectcode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.sallyport.ArrayRef;
import org.sallyport.engine.Builtins;
import org.sallyport.spi.GuestArray;
import org.sallyport.spi.GuestType;
import org.sallyport.spi.GuestType.Kind;
import org.sallyport.wasm.ArrayType;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.RefType;

/** An array as the host sees it. */
final class ArrayView extends GuestView implements ArrayRef {
    private static final int PIECE = Builtins.PIECE_BYTES / 16;

    ArrayView(ObjectExecution execution, GuestArray object, @Nullable ViewScope scope) {
        super(execution, object, scope);
    }

    @Override
    GuestView in(@Nullable ViewScope other) {
        return new ArrayView(execution, array(), other);
    }

    GuestArray array() {
        return (GuestArray) object();
    }

    @Override
    public ArrayType type() {
        return (ArrayType) guestType().composite();
    }

    private FieldType element() {
        return type().element();
    }

    @Override
    public long length() {
        return Objects.requireNonNull(inside(() -> (long) array().length()));
    }

    private int checked(GuestArray array, long index) {
        return (int) Objects.checkIndex(index, (long) array.length());
    }

    @Override
    public @Nullable Object get(long index) {
        return inside(() -> {
            GuestArray array = array();
            int i = checked(array, index);
            return guestType().kind(0) == Kind.OBJECT
                    ? read(element().storage(), 0, 0, array.object(i))
                    : read(element().storage(), array.word(i), array.high(i), null);
        });
    }

    @Override
    public void set(long index, @Nullable Object value) {
        inside(() -> {
            GuestArray array = array();
            int i = checked(array, index);
            requireMutable(element());
            fill(execution, array, i, i + 1, value);
            return null;
        });
    }

    /** @throws IllegalArgumentException if the value is not of the type or of another store */
    static void fill(ObjectExecution execution, GuestArray array, int from, int to, @Nullable Object value) {
        FieldType element = ((ArrayType) array.type.composite()).element();
        long low = bits(execution, element.storage(), value);
        Object object = array.type.kind(0) == Kind.OBJECT ? execution.passing().take(low) : null;
        array.fill(from, to, low, highBits(element.storage(), value), object);
    }

    @Override
    public int getInt(long index) {
        requireNumber(element(), NumType.I32);
        return Objects.requireNonNull(inside(() -> (int) array().word(checked(array(), index))));
    }

    @Override
    public void setInt(long index, int value) {
        requireNumber(element(), NumType.I32);
        requireMutable(element());
        inside(() -> {
            int i = checked(array(), index);
            array().fill(i, i + 1, value, 0, null);
            return null;
        });
    }

    @Override
    public <T> List<@Nullable T> elements(Class<T> type) {
        int length = (int) length();
        return new AbstractList<>() {
            @Override
            public @Nullable T get(int index) {
                return type.cast(ArrayView.this.get(index));
            }

            @Override
            public @Nullable T set(int index, @Nullable T value) {
                T before = get(index);
                ArrayView.this.set(index, value);
                return before;
            }

            @Override
            public int size() {
                return length;
            }
        };
    }

    // ---- bytes

    @Override
    public void read(long index, MemorySegment target) {
        copy(index, target, false);
    }

    @Override
    public void write(long index, MemorySegment source) {
        requireMutable(element());
        copy(index, source, true);
    }

    private void copy(long index, MemorySegment segment, boolean in) {
        long count = count(guestType(), segment);
        inside(() -> {
            Objects.checkFromIndexSize(index, count, array().length());
            copyBytes(execution, array(), (int) index, segment, in);
            return null;
        });
    }

    /** How many elements a segment is. @throws IllegalArgumentException if none, or elements are references */
    static long count(GuestType type, MemorySegment segment) {
        FieldType element = ((ArrayType) type.composite()).element();
        if (element.storage() instanceof RefType) {
            throw new IllegalArgumentException("only numbers are copied as bytes, elements are " + element.storage());
        }
        int bytes = type.kind(0).bytes();
        if (segment.byteSize() % bytes != 0) {
            throw new IllegalArgumentException(segment.byteSize() + " bytes are no multiple of an element's " + bytes);
        }
        return segment.byteSize() / bytes;
    }

    static void copyBytes(ObjectExecution execution, GuestArray array, int at, MemorySegment segment, boolean in) {
        ValueLayout layout = layout(array);
        int scale = array.type.kind(0) == Kind.VECTOR ? 2 : 1;
        long total = segment.byteSize() / layout.byteSize();
        for (long done = 0; done < total; done += PIECE) {
            execution.checkpoint();
            int piece = (int) Math.min(total - done, PIECE);
            int from = scale * at + (int) done;
            if (in) {
                MemorySegment.copy(segment, layout, done * layout.byteSize(), array.elements(), from, piece);
            } else {
                MemorySegment.copy(array.elements(), from, segment, layout, done * layout.byteSize(), piece);
            }
        }
    }

    private static ValueLayout layout(GuestArray array) {
        ValueLayout layout = switch (array) {
            case GuestArray.OfBytes _ -> ValueLayout.JAVA_BYTE;
            case GuestArray.OfShorts _ -> ValueLayout.JAVA_SHORT_UNALIGNED;
            case GuestArray.OfInts _ -> ValueLayout.JAVA_INT_UNALIGNED;
            case GuestArray.OfLongs _, GuestArray.OfVectors _ -> ValueLayout.JAVA_LONG_UNALIGNED;
            case GuestArray.OfFloats _ -> ValueLayout.JAVA_FLOAT_UNALIGNED;
            case GuestArray.OfDoubles _ -> ValueLayout.JAVA_DOUBLE_UNALIGNED;
            case GuestArray.OfObjects _ -> throw new AssertionError("BUG: bytes of references");
        };
        return layout.withOrder(ByteOrder.LITTLE_ENDIAN);
    }
}
