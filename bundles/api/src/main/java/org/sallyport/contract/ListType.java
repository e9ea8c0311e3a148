package org.sallyport.contract;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A list: its elements side by side. Lists that come from guests are not modifiable. */
final class ListType extends ValueType.Buffered {
    private final ValueType.InMemory element;

    ListType(ValueType.InMemory element) {
        super(List.class);
        this.element = element;
    }

    @Override
    Image image(Object value, String where) {
        Image image = new Image(8, where);
        Object[] elements = ((List<?>) value).toArray();
        append(image, elements);
        image.setCount(elements.length);
        return image;
    }

    @Override
    boolean isCounted() {
        return true;
    }

    @Override
    int size() {
        return 8;
    }

    @Override
    int align() {
        return 4;
    }

    @Override
    int length(int count) {
        return count * element.size();
    }

    @Override
    void write(Image image, int offset, Object value) {
        Object[] elements = ((List<?>) value).toArray();
        image.putPair(offset, append(image, elements), elements.length);
    }

    private int append(Image image, Object[] elements) {
        int at = image.append((long) elements.length * element.size(), element.align());
        for (int i = 0; i < elements.length; i++) {
            element.write(image, at + i * element.size(), checked(image, elements[i]));
        }
        return at;
    }

    /** Generics promise nothing. */
    private Object checked(Image image, Object value) {
        Object present = image.notNull(value);
        boolean fits = element instanceof ScalarType scalar
                ? ScalarType.ofBox(present.getClass()) == scalar
                : element.java.isInstance(present);
        if (!fits) {
            throw new ClassCastException(image.where() + ": an element is a " + present.getClass().getName() + ", wanted "
                    + element.java.getName());
        }
        return present;
    }

    @Override
    Object read(Incoming in, long at) {
        return read(in, in.nested(at), in.memory.getInt(at + 4));
    }

    @Override
    Object read(Incoming in, int address, int count) {
        long at = in.range(address, count, element.size(), Integer.toUnsignedLong(count));
        List<Object> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(element.read(in, at + (long) i * element.size()));
        }
        return Collections.unmodifiableList(list);
    }
}
