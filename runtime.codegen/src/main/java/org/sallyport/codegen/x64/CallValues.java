package org.sallyport.codegen.x64;

import org.sallyport.codegen.ir.Type;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.pipeline.PassedValues;
import org.sallyport.codegen.x64.VectorAssembler.Stored;

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
        if (s.isImm(value) && s.constantBits(value) == (int) s.constantBits(value)) {
            lir.add(Inst.STORE_I.ordinal(), Fields.QWORD | to.aux(), position);
            lir.setImm(s.constantBits(value));
            to.write();
            return;
        }
        int r = s.reg(value);
        switch (type) {
            case I32, I64, REF -> lir.add(Inst.STORE.ordinal(), Fields.QWORD | to.aux(), position);
            case F32, F64 -> lir.add(Inst.FSTORE.ordinal(), Fields.precision(type) | to.aux(), position);
            case V128 -> lir.add(Inst.VSTORE.ordinal(), Fields.row(Stored.MOVUPS) | to.aux(), position);
            case VOID -> throw new AssertionError("BUG: argument or result is " + type);
        }
        lir.use(r);
        to.write();
    }

    void load(int vreg, Type type, Address from) {
        switch (type) {
            case I32, I64, REF ->
                lir.add(Inst.LOAD.ordinal(), Fields.QWORD | Fields.sub(Width.of(type)) | from.aux(), -1);
            case F32, F64 -> lir.add(Inst.FLOAD.ordinal(), Fields.precision(type) | from.aux(), -1);
            case V128 -> lir.add(Inst.VUN_M.ordinal(), Fields.row(Simd.MOVUPS) | from.aux(), -1);
            case VOID -> throw new AssertionError("BUG: argument or result is " + type);
        }
        lir.def(vreg);
        from.write();
    }
}
