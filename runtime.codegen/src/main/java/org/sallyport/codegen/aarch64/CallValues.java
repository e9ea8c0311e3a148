package org.sallyport.codegen.aarch64;

import org.sallyport.codegen.aarch64.MemoryAssembler.Moved;
import org.sallyport.codegen.ir.Access;
import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.PassedValues;

/** {@link PassedValues}, and how this machine has them on the stack. */
final class CallValues extends PassedValues {
    private final Selection s;
    private final Lir lir;
    private final Address address;

    CallValues(Selection s, Address address) {
        super(s);
        this.s = s;
        this.address = address;
        lir = s.lir;
    }

    @Override
    protected void storeIncoming(int value, Type type, int offset, int position) {
        store(value, type, address.incoming(offset), position);
    }

    void store(int value, Type type, Address to, int position) {
        boolean isVector = type == Type.F32 || type == Type.F64 || type == Type.V128;
        if (!isVector && s.isConst(value, 0)) {
            lir.add(Inst.STORE_Z.ordinal(), Fields.sub(Moved.STRX) | to.aux(), position);
            to.write();
            return;
        }
        int r = s.reg(value);
        lir.add(Inst.STORE.ordinal(), Fields.sub(isVector ? LowerMemory.store(type, Access.full(type)) : Moved.STRX) | to.aux(),
                position);
        lir.use(r);
        to.write();
    }

    void load(int vreg, Type type, Address from) {
        lir.add(Inst.LOAD.ordinal(), Fields.sub(LowerMemory.load(type, Access.full(type))) | from.aux(), -1);
        lir.def(vreg);
        from.write();
    }
}
