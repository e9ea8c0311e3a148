package org.sallyport;

import org.sallyport.wasm.Printable;

/**
 * A frame of a wasm backtrace. The names are {@linkplain Printable printable}: modules choose them, logs and terminals
 * show them.
 *
 * @param module name of the module
 * @param function index in the module's function index space
 * @param functionName from the name section, or {@code func[i]}
 * @param offset of the instruction in the module's binary, or -1 when it is not known
 */
public record GuestFrame(String module, int function, String functionName, int offset) {
    public GuestFrame {
        module = Printable.name(module);
        functionName = Printable.name(functionName);
    }

    /** As an element of a Java stack trace, so that any log shows it. */
    public StackTraceElement toStackTraceElement() {
        String place = offset < 0 ? "wasm" : "wasm:0x" + Integer.toHexString(offset);
        return new StackTraceElement("wasm", module, null, module, functionName, place, -1);
    }

    @Override
    public String toString() {
        return module + "!" + functionName + (offset < 0 ? "" : " @ 0x" + Integer.toHexString(offset));
    }
}
