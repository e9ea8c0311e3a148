package org.sallyport.codegen.ir;

import org.sallyport.spi.ValidModule.FunctionFacts;
import org.sallyport.wasm.Opcode;

/**
 * Puts charges for fuel into a graph that is built (docs/fuel.md). A function's instructions are cut into sections, each
 * executed as a whole from its start, unless one of them traps: a section begins with the function, with each round of a
 * loop, with each way that a branch goes, where ways meet, and behind each call. At its start stands one {@link
 * Op#CHARGE} of as many units as it has instructions that count. Where that is checked follows from the body alone too,
 * so that all settings of the compiler charge and stop alike.
 */
final class FuelSections {
    /** Leaves of so few instructions are not checked: whoever calls them often is. {@link InlineCalls} likes that. */
    static final int UNCHECKED_LEAF = 24;

    /** Logarithms of bytes and table elements that bulk instructions do for a unit. */
    private static final int LOG2_BYTES = 6;
    private static final int LOG2_ELEMENTS = 3;

    private final ModuleFacts facts;
    private final Emitter out;
    private final boolean isOn;
    /** Of the section that is being built, or -1 before its first instruction that counts. */
    private int charge;

    FuelSections(ModuleFacts facts, Emitter out) {
        this.facts = facts;
        this.out = out;
        isOn = facts.options().fuel();
    }

    /** Entering a function counts one. */
    void beginFunction(int function) {
        if (!isOn) {
            return;
        }
        out.graph().setPosition(facts.spaces().body(function).code());
        FunctionFacts f = facts.valid().facts(function);
        boolean isChecked = f.calls() || f.loops() || f.instructions() > UNCHECKED_LEAF;
        charge = newCharge(1, isChecked);
    }

    /** A loop's round begins here. */
    void beginRound() {
        if (isOn) {
            charge = newCharge(0, true);
        }
    }

    /** Any other section begins here. */
    void beginSection() {
        charge = -1;
    }

    /** The instruction, in reachable code, belongs to the section. */
    void count(Opcode opcode) {
        if (!isOn || isFree(opcode)) {
            return;
        }
        if (charge < 0 || out.graph().blockOf(charge) != out.block()) {
            charge = newCharge(0, false);
        }
        out.graph().setImm(charge, out.graph().imm(charge) + 1);
    }

    private int newCharge(int fuel, boolean isChecked) {
        return out.emit(Op.CHARGE, Type.VOID, -1, -1, -1, fuel, isChecked ? Graph.CHECKED_CHARGE : 0);
    }

    /** What marks a place or leaves nothing to do. */
    private static boolean isFree(Opcode opcode) {
        return switch (opcode) {
            case NOP, DROP, UNREACHABLE, BLOCK, LOOP, ELSE, END, RETURN, TRY, TRY_TABLE, CATCH, CATCH_ALL, DELEGATE -> true;
            default -> false;
        };
    }

    /** @param length i64, of bytes that the next instruction writes */
    void chargeBytes(int length) {
        chargeBy(length, LOG2_BYTES);
    }

    /** @param count i64, of table elements that the next instruction writes */
    void chargeElements(int count) {
        chargeBy(count, LOG2_ELEMENTS);
    }

    private void chargeBy(int amount, int log2) {
        if (isOn) {
            out.emit(Op.CHARGE_BY, Type.VOID, out.emit(Op.SHR_U, Type.I64, amount, out.i64(log2)));
        }
    }
}
