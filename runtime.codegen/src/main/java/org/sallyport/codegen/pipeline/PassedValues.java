package org.sallyport.codegen.pipeline;

import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Alias;
import org.sallyport.codegen.ir.Graph;
import org.sallyport.codegen.ir.Op;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Ints;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.regalloc.Registers;
import org.sallyport.spi.VmLayout;

/**
 * Values that go to other functions or come from them: those in registers are collected until the instruction is there that
 * takes them; those on the stack are stored and loaded by the machine, 8 or 16 bytes each, an i32 zero-extended.
 */
public abstract class PassedValues {
    private final SelectedValues s;
    private final Graph graph;
    private final Lir lir;
    /** The collected values, with their registers. */
    private final Ints vregs = new Ints();
    private final Ints places = new Ints();

    protected PassedValues(SelectedValues s) {
        this.s = s;
        graph = s.graph;
        lir = s.lir;
    }

    public final void clear() {
        vregs.clear();
        places.clear();
    }

    public final void add(int value, int register) {
        vregs.add(s.reg(value));
        places.add(register);
    }

    /** How many of the collected values go into general registers. */
    public final int integers() {
        int count = 0;
        for (int i = 0; i < places.size(); i++) {
            count += Registers.isVector(places.get(i)) ? 0 : 1;
        }
        return count;
    }

    /** The instruction just made takes what was collected. */
    public final void use() {
        for (int i = 0; i < vregs.size(); i++) {
            lir.useFixed(vregs.get(i), places.get(i));
        }
    }

    /** Makes the instruction that stores a value where the running function found its stack arguments. */
    protected abstract void storeIncoming(int value, Type type, int offset, int position);

    /** Code and context are loaded from one function reference and used here only. */
    public final boolean isFieldOf(int code, int context) {
        return isSinkableField(code, VmLayout.FUNCREF_CODE) && isSinkableField(context, VmLayout.FUNCREF_VMCTX)
                && graph.a(code) == graph.a(context);
    }

    /** The fields never change, so that nothing in between matters. */
    private boolean isSinkableField(int v, int offset) {
        return graph.op(v) == Op.VMLOAD && s.isPrivate(v) && graph.imm(v) == offset && graph.access(v) == Access.W64
                && graph.aliasClass(v) == Alias.CONSTANT;
    }
}
