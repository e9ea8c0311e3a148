package org.sallyport;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.NumType;
import org.sallyport.wasm.ValType;
import org.sallyport.wasm.VecType;

/**
 * A WebAssembly exception (WebAssembly 3.0, 4.2.10): a tag and values of its type. A call ends with one that no guest
 * caught on its way to Java. A host function throws one to have it caught by the guests that called it, whether it made
 * the exception itself or lets pass what a call of its own ended with. It is caught in guests of the tag's store; through
 * those of other stores it passes as other failures do.
 *
 * <p>What an {@code exnref} is to Java, that of a table, a global, an argument or a result, is an {@link
 * ExceptionReference}, which has one of these.
 *
 * <p>The frames are those of the guest that threw first, wherever the exception has been since; an exception that the host
 * made has none.
 */
public final class WasmException extends GuestException {
    private static final long serialVersionUID = 1;
    private static final int MAX_SHOWN = 8;

    private final transient Tag tag;
    private final transient List<@Nullable Object> values;

    /**
     * An exception for guests.
     *
     * @param values boxed as in {@link Linker}, as many as the tag's type has parameters
     * @throws IllegalArgumentException if number or types are wrong. Of references, which belong to a store, only the
     *     number is checked here; a wrong one fails where the exception is thrown
     */
    public WasmException(Tag tag, @Nullable Object... values) {
        this(tag, Arrays.asList(values), List.of());
    }

    /** @param frames where it was thrown, innermost first */
    public WasmException(Tag tag, List<? extends @Nullable Object> values, List<GuestFrame> frames) {
        super(message(tag, values), null, frames);
        this.tag = tag;
        this.values = Collections.unmodifiableList(Arrays.asList(values.toArray()));
    }

    public Tag tag() {
        return tag;
    }

    /** Boxed as in {@link Linker}, one for each parameter of the tag's type. Unmodifiable. */
    public List<@Nullable Object> values() {
        return values;
    }

    private static String message(Tag tag, List<? extends @Nullable Object> values) {
        List<ValType> types = tag.type().params();
        if (values.size() != types.size()) {
            throw new IllegalArgumentException(tag + " has " + types.size() + " values, found " + values.size());
        }
        StringBuilder text = new StringBuilder("exception with values (");
        for (int i = 0; i < types.size() && i < MAX_SHOWN; i++) {
            text.append(i == 0 ? "" : " ").append(types.get(i));
        }
        text.append(types.size() > MAX_SHOWN ? " …)" : ")");
        for (int i = 0; i < types.size(); i++) {
            check(tag, i, types.get(i), values.get(i));
            if (i < MAX_SHOWN) {
                text.append(i == 0 ? ": " : " ").append(shown(types.get(i), values.get(i)));
            }
        }
        return (types.size() > MAX_SHOWN ? text.append(" …") : text).toString();
    }

    private static void check(Tag tag, int index, ValType type, @Nullable Object value) {
        Class<?> wanted = Object.class;
        if (type instanceof NumType number) {
            wanted = switch (number) {
                case I32 -> Integer.class;
                case I64 -> Long.class;
                case F32 -> Float.class;
                case F64 -> Double.class;
            };
        } else if (type instanceof VecType) {
            wanted = V128.class;
        }
        if (value == null ? wanted != Object.class : !wanted.isInstance(value)) {
            throw new IllegalArgumentException("value " + index + " of " + tag + " is " + type + ", found "
                    + (value == null ? "null" : value.getClass().getName()));
        }
    }

    /** What a reference stands for is not told: its text could be anything. */
    private static String shown(ValType type, @Nullable Object value) {
        return type instanceof NumType || type instanceof VecType ? String.valueOf(value)
                : value == null ? "null" : type.toString();
    }
}
