package org.sallyport.contract;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A record: its components in their order, each at a multiple of its alignment, the whole a multiple of the largest, as C
 * lays out a structure. Made by the canonical constructor, which may refuse.
 */
final class RecordType extends ValueType.Buffered {
    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();

    private record Field(ValueType.InMemory type, int offset, MethodHandle accessor) {}

    private final List<Field> fields;
    /** {@code (Object[])Object}. */
    private final MethodHandle constructor;
    private final int size;
    private final int align;

    private RecordType(Class<?> java, List<Field> fields, MethodHandle constructor, int size, int align) {
        super(java);
        this.fields = fields;
        this.constructor = constructor;
        this.size = size;
        this.align = align;
    }

    /**
     * @param part what a component's type is
     * @throws IllegalArgumentException if the record or a component cannot cross
     */
    static RecordType of(Class<?> type, Function<Type, ValueType.InMemory> part) {
        RecordComponent[] components = type.getRecordComponents();
        if (components.length == 0) {
            throw new IllegalArgumentException("the record " + type.getName() + " has no components");
        }
        List<Field> fields = new ArrayList<>(components.length);
        int end = 0;
        int align = 1;
        try {
            MethodHandles.Lookup lookup = lookup(type);
            for (RecordComponent component : components) {
                ValueType.InMemory own = part.apply(component.getGenericType());
                int offset = end + (-end & own.align() - 1);
                fields.add(new Field(
                        own, offset, lookup.unreflect(component.getAccessor())
                                .asType(MethodType.methodType(Object.class, Object.class))));
                end = offset + own.size();
                align = Math.max(align, own.align());
            }
            MethodHandle constructor = lookup.findConstructor(type, MethodType.methodType(
                    void.class, Arrays.stream(components).map(RecordComponent::getType).toList()));
            return new RecordType(type, List.copyOf(fields), constructor.asSpreader(Object[].class, components.length)
                    .asType(MethodType.methodType(Object.class, Object[].class)), end + (-end & align - 1), align);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("the record " + type.getName()
                    + " is not accessible: make it public in an exported package, or open its package", e);
        }
    }

    private static MethodHandles.Lookup lookup(Class<?> type) throws IllegalAccessException {
        RecordType.class.getModule().addReads(type.getModule());
        return Modifier.isPublic(type.getModifiers()) && type.getModule().isExported(type.getPackageName()) && isReachable(type)
                ? MethodHandles.publicLookup()
                : MethodHandles.privateLookupIn(type, HERE);
    }

    /** Whether those around it are public, too. */
    private static boolean isReachable(Class<?> type) {
        Class<?> around = type.getEnclosingClass();
        return around == null || Modifier.isPublic(around.getModifiers()) && isReachable(around);
    }

    @Override
    Image image(Object value, String where) {
        Image image = new Image(8, where);
        write(image, image.append(size, align), value);
        return image;
    }

    @Override
    boolean isCounted() {
        return false;
    }

    @Override
    int size() {
        return size;
    }

    @Override
    int align() {
        return align;
    }

    @Override
    int length(int count) {
        return size;
    }

    @Override
    void write(Image image, int offset, Object value) {
        for (Field field : fields) {
            field.type.write(image, offset + field.offset, image.notNull(component(field, value)));
        }
    }

    private static Object component(Field field, Object value) {
        try {
            return field.accessor.invokeExact(value);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("BUG: accessors throw no checked exceptions", t);
        }
    }

    @Override
    Object read(Incoming in, int address, int count) {
        return read(in, in.range(address, 1, size, 0));
    }

    @Override
    Object read(Incoming in, long at) {
        Object[] components = new Object[fields.size()];
        for (int i = 0; i < components.length; i++) {
            components[i] = fields.get(i).type.read(in, at + fields.get(i).offset);
        }
        try {
            return constructor.invokeExact(components);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("BUG: canonical constructors throw no checked exceptions", t);
        }
    }
}
