package org.sallyport.loader;

import static org.sallyport.wasm.Malformed.LENGTH;
import static org.sallyport.wasm.Malformed.SECTION_SIZE;
import static org.sallyport.wasm.Malformed.TOO_MANY_LOCALS;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.LoadLimits.Limit;
import org.sallyport.wasm.ByteReader;
import org.sallyport.wasm.MalformedCodeException;
import org.sallyport.wasm.WasmModule.Body;
import org.sallyport.wasm.WasmModule.LocalRun;

/** Function bodies: their locals and where their instructions are (WebAssembly 3.0, 5.5.13). */
final class DecodeBodies {
    private static final long MAX_LOCALS = 0xFFFF_FFFFL;

    private final Context context;
    private final ByteReader in;

    /** The bodies so far. */
    final List<Body> bodies = new ArrayList<>();

    DecodeBodies(Context context) {
        this.context = context;
        in = context.in;
    }

    /** @param imported number of functions that have no body, for messages */
    void section(int imported) {
        int count = context.count(Limit.FUNCTIONS);
        for (int i = 0; i < count; i++) {
            context.entry(imported + i);
            bodies.add(body());
        }
    }

    private Body body() {
        int at = in.position();
        int size = in.u32();
        if (size < 0 || size > in.remaining()) {
            String found = Integer.toUnsignedString(size) + " bytes, " + in.remaining() + " left";
            throw new MalformedCodeException(LENGTH, at, found);
        }
        context.check(Limit.BODY_BYTES, size);
        int start = in.position();
        int end = start + size;
        List<LocalRun> locals = locals();
        int code = in.position();
        if (code > end) {
            throw new MalformedCodeException(SECTION_SIZE, end, "the locals reach beyond the function's end");
        }
        in.skip(end - code);
        return new Body(start, locals, code, end);
    }

    private List<LocalRun> locals() {
        int runs = in.count();
        if (runs == 0) {
            return List.of();
        }
        List<LocalRun> locals = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < runs; i++) {
            int at = in.position();
            int count = in.u32();
            total += Integer.toUnsignedLong(count);
            if (total > MAX_LOCALS) {
                throw new MalformedCodeException(TOO_MANY_LOCALS, at, Long.toString(total));
            }
            locals.add(new LocalRun(count, in.valType()));
        }
        context.check(Limit.LOCALS, total);
        return List.copyOf(locals);
    }
}
