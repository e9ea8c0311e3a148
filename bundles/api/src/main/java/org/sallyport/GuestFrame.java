package org.sallyport;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.sallyport.spi.SourceMap;
import org.sallyport.wasm.Printable;

/**
 * A frame of a wasm backtrace. The names are {@linkplain Printable printable}: modules choose them, logs and terminals
 * show them. Equal if it is the same place, whatever is known of the source. Thread-safe.
 */
public final class GuestFrame {
    private final String module;
    private final int function;
    private final String functionName;
    private final int offset;
    /** Null when {@link #sources} is known. */
    private @Nullable SourceMap map;
    private List<SourcePosition> sources = List.of();

    /** One of which no source is known; see {@link #GuestFrame(String, int, String, int, SourceMap)}. */
    public GuestFrame(String module, int function, String functionName, int offset) {
        this(module, function, functionName, offset, SourceMap.NONE);
    }

    /**
     * A frame.
     *
     * @param module name of the module
     * @param function index in the module's function index space
     * @param functionName from the name section, or {@code func[i]}
     * @param offset of the instruction in the module's binary, or -1 when it is not known
     * @param map of the module; asked when somebody asks for {@link #sources}
     */
    public GuestFrame(String module, int function, String functionName, int offset, SourceMap map) {
        this.module = Printable.name(module);
        this.function = function;
        this.functionName = Printable.name(functionName);
        this.offset = offset;
        this.map = offset < 0 ? null : map;
    }

    /** Name of the module. */
    public String module() {
        return module;
    }

    /** Index in the module's function index space. */
    public int function() {
        return function;
    }

    /** From the name section, or {@code func[i]}. */
    public String functionName() {
        return functionName;
    }

    /** Of the instruction in the module's binary, or -1 when it is not known. */
    public int offset() {
        return offset;
    }

    /**
     * The place in the source, by the module's debug information, which is read now. Where the producer of the module copied
     * functions into this one, a position for each, the innermost first; the last is in the function itself.
     *
     * @return empty if nothing is known
     */
    public synchronized List<SourcePosition> sources() {
        SourceMap unread = map;
        if (unread != null) {
            sources = List.copyOf(unread.find(offset));
            map = null;
        }
        return sources;
    }

    /**
     * For people, with {@link #sources}, innermost first: {@code module!function (file:line:column), inlined} for each function
     * that was copied into this one, and {@code module!function @ 0x1a (file:line:column)}.
     */
    public List<String> describe() {
        List<SourcePosition> known = sources();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < known.size() - 1; i++) {
            String name = known.get(i).function();
            lines.add(module + "!" + (name.isEmpty() ? "(a function)" : name) + " (" + known.get(i) + "), inlined");
        }
        lines.add(known.isEmpty() ? toString() : this + " (" + known.getLast() + ")");
        return lines;
    }

    /** As an element of a Java stack trace, so that any log shows it. Without its source. */
    public StackTraceElement toStackTraceElement() {
        String place = offset < 0 ? "wasm" : "wasm:0x" + Integer.toHexString(offset);
        return new StackTraceElement("wasm", module, null, module, functionName, place, -1);
    }

    /** As elements of a Java stack trace with {@link #sources}: one for each of them, or one if none is known. */
    public List<StackTraceElement> toStackTraceElements() {
        List<StackTraceElement> elements = new ArrayList<>();
        List<SourcePosition> known = sources();
        for (int i = 0; i < known.size(); i++) {
            SourcePosition source = known.get(i);
            boolean isOwn = i == known.size() - 1;
            String name = isOwn || source.function().isEmpty() ? functionName : source.function();
            String file = source.file().substring(source.file().lastIndexOf('/') + 1);
            elements.add(new StackTraceElement("wasm", module, null, module, name, file, source.line()));
        }
        return elements.isEmpty() ? List.of(toStackTraceElement()) : elements;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GuestFrame frame && function == frame.function && offset == frame.offset
                && module.equals(frame.module) && functionName.equals(frame.functionName);
    }

    @Override
    public int hashCode() {
        return Objects.hash(module, function, functionName, offset);
    }

    @Override
    public String toString() {
        return module + "!" + functionName + (offset < 0 ? "" : " @ 0x" + Integer.toHexString(offset));
    }
}
