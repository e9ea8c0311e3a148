package org.sallyport.engine.objectcode;

import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.sallyport.StructRef;
import org.sallyport.spi.GuestStruct;
import org.sallyport.spi.GuestType;
import org.sallyport.spi.GuestType.Kind;
import org.sallyport.wasm.FieldType;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.PackedType;
import org.sallyport.wasm.StructType;

/** A structure as the host sees it. */
final class StructView extends GuestView implements StructRef {
    StructView(ObjectExecution execution, GuestStruct object, @Nullable ViewScope scope) {
        super(execution, object, scope);
    }

    @Override
    GuestView in(@Nullable ViewScope other) {
        return new StructView(execution, struct(), other);
    }

    private GuestStruct struct() {
        return (GuestStruct) object();
    }

    @Override
    public StructType type() {
        return (StructType) guestType().composite();
    }

    private FieldType field(int field) {
        return type().fields().get(Objects.checkIndex(field, type().fields().size()));
    }

    @Override
    public @Nullable Object get(int field) {
        FieldType found = field(field);
        return inside(() -> {
            GuestStruct struct = struct();
            int place = guestType().place(field);
            Kind kind = guestType().kind(field);
            if (kind == Kind.OBJECT) {
                return read(found.storage(), 0, 0, struct.object(place));
            }
            return read(found.storage(), struct.word(place), kind == Kind.VECTOR ? struct.word(place + 1) : 0, null);
        });
    }

    @Override
    public void set(int field, @Nullable Object value) {
        FieldType found = field(field);
        inside(() -> {
            struct();
            requireMutable(found);
            initialize(execution, struct(), field, value);
            return null;
        });
    }

    /** @throws IllegalArgumentException if the value is not of the type or of another store */
    static void initialize(ObjectExecution execution, GuestStruct struct, int field, @Nullable Object value) {
        GuestType type = struct.type;
        FieldType found = ((StructType) type.composite()).fields().get(field);
        long low = bits(execution, found.storage(), value);
        int place = type.place(field);
        if (type.kind(field) == Kind.OBJECT) {
            struct.setObject(place, execution.passing().take(low));
            return;
        }
        struct.setWord(place, low);
        if (type.kind(field) == Kind.VECTOR) {
            struct.setWord(place + 1, highBits(found.storage(), value));
        }
    }

    private long word(int field, NumType wanted) {
        requireNumber(field(field), wanted);
        return Objects.requireNonNull(inside(() -> struct().word(guestType().place(field))));
    }

    private void setWord(int field, NumType wanted, long value) {
        FieldType found = field(field);
        requireNumber(found, wanted);
        requireMutable(found);
        inside(() -> {
            struct().setWord(guestType().place(field), value);
            return null;
        });
    }

    @Override
    public int getInt(int field) {
        int value = (int) word(field, NumType.I32);
        return field(field).storage() instanceof PackedType packed
                ? packed == PackedType.I8 ? (byte) value : (short) value
                : value;
    }

    @Override
    public long getLong(int field) {
        return word(field, NumType.I64);
    }

    @Override
    public float getFloat(int field) {
        return Float.intBitsToFloat((int) word(field, NumType.F32));
    }

    @Override
    public double getDouble(int field) {
        return Double.longBitsToDouble(word(field, NumType.F64));
    }

    @Override
    public void setInt(int field, int value) {
        setWord(field, NumType.I32, value);
    }

    @Override
    public void setLong(int field, long value) {
        setWord(field, NumType.I64, value);
    }

    @Override
    public void setFloat(int field, float value) {
        setWord(field, NumType.F32, Float.floatToRawIntBits(value));
    }

    @Override
    public void setDouble(int field, double value) {
        setWord(field, NumType.F64, Double.doubleToRawLongBits(value));
    }
}
