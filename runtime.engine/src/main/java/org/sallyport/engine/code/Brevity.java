package org.sallyport.engine.code;

import java.util.EnumSet;
import java.util.Set;
import org.sallyport.spi.ValidModule;
import org.sallyport.spi.ValidModule.FunctionFacts;
import org.sallyport.wasm.CodeReader;
import org.sallyport.wasm.Opcode;
import org.sallyport.wasm.WasmModule.Body;

/**
 * Which functions are over at once, whatever they are called with: few instructions, each of constant time, none
 * executed twice, nothing called. Such a function may be entered without telling the JVM, which then waits for it at
 * a safepoint, as for any stretch of compiled Java without a poll ({@code Execution}).
 */
public final class Brevity {
    /** About a microsecond, if they were all divisions. */
    private static final int MAX_INSTRUCTIONS = 200;

    private static final Set<Opcode> CONTROL_AND_VARIABLES = EnumSet.of(
            Opcode.UNREACHABLE, Opcode.NOP, Opcode.BLOCK, Opcode.IF, Opcode.ELSE, Opcode.END, Opcode.BR, Opcode.BR_IF,
            Opcode.BR_TABLE, Opcode.RETURN, Opcode.DROP, Opcode.SELECT, Opcode.SELECT_TYPED, Opcode.LOCAL_GET,
            Opcode.LOCAL_SET, Opcode.LOCAL_TEE, Opcode.GLOBAL_GET, Opcode.GLOBAL_SET, Opcode.MEMORY_SIZE);

    private Brevity() {}

    /** @param function index in the module's index space, not imported */
    public static boolean isBrief(ValidModule module, int function) {
        FunctionFacts facts = module.facts(function);
        if (facts.calls() || facts.loops() || facts.instructions() > MAX_INSTRUCTIONS) {
            return false;
        }
        Body body = module.spaces().body(function);
        CodeReader reader = new CodeReader(module.module().binary(), body.code(), body.end());
        while (reader.hasNext()) {
            if (!isBrief(reader.next())) {
                return false;
            }
        }
        return true;
    }

    /** Loads, stores and scalar arithmetic; what grows, fills, copies or asks the host is not among them. */
    static boolean isBrief(Opcode op) {
        return CONTROL_AND_VARIABLES.contains(op)
                || isBetween(op, Opcode.I32_LOAD, Opcode.I64_STORE32)
                || isBetween(op, Opcode.I32_CONST, Opcode.I64_EXTEND32_S)
                || isBetween(op, Opcode.I32_TRUNC_SAT_F32_S, Opcode.I64_TRUNC_SAT_F64_U);
    }

    private static boolean isBetween(Opcode op, Opcode first, Opcode last) {
        return op.code() >= first.code() && op.code() <= last.code();
    }
}
