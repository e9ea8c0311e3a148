package org.sallyport.wasm;

/**
 * What an instruction takes from and leaves on the operand stack. Operands are in stack order: the last one is on top.
 * The arrays are shared; nobody writes to them.
 */
public sealed interface Effect {

    /** The same types wherever the instruction stands. */
    record Fixed(ValType[] pops, ValType[] pushes) implements Effect {}

    /**
     * A memory access: takes an address of the memory's address type, and above it {@code operands}.
     *
     * @param bytes read or written: 1, 2, 4, 8 or 16; the natural alignment
     * @param signed whether what is read becomes wider by its sign
     */
    record Access(int bytes, boolean signed, ValType[] operands, ValType[] pushes) implements Effect {}

    /** Depends on immediates, the module or the stack: every user has a rule of its own for the instruction. */
    record Special() implements Effect {}

    /** {@code eqref}, the operands of {@code ref.eq}. */
    RefType EQREF = new RefType(true, HeapType.Abstract.EQ);

    RefType ARRAYREF = new RefType(true, HeapType.Abstract.ARRAY);
    RefType I31REF = new RefType(true, HeapType.Abstract.I31);
    RefType SOME_I31 = new RefType(false, HeapType.Abstract.I31);

    static ValType[] types(ValType... types) {
        return types;
    }

    static Effect special() {
        return new Special();
    }

    static Effect nothing() {
        return new Fixed(types(), types());
    }

    static Effect constant(ValType type) {
        return new Fixed(types(), types(type));
    }

    static Effect unary(ValType type) {
        return new Fixed(types(type), types(type));
    }

    static Effect binary(ValType type) {
        return binary(type, type);
    }

    /** The result has the type of the left operand: lane replacements, vector shifts. */
    static Effect binary(ValType left, ValType right) {
        return new Fixed(types(left, right), types(left));
    }

    static Effect ternary(ValType type) {
        return new Fixed(types(type, type, type), types(type));
    }

    static Effect test(ValType type) {
        return new Fixed(types(type), types(NumType.I32));
    }

    static Effect compare(ValType type) {
        return new Fixed(types(type, type), types(NumType.I32));
    }

    static Effect convert(ValType from, ValType to) {
        return new Fixed(types(from), types(to));
    }

    /** {@code count} words in, the two halves of an i128 out. */
    static Effect wide(int count) {
        ValType[] words = new ValType[count];
        java.util.Arrays.fill(words, NumType.I64);
        return new Fixed(words, types(NumType.I64, NumType.I64));
    }

    static Effect load(ValType type, int bytes) {
        return new Access(bytes, false, types(), types(type));
    }

    static Effect loadSigned(ValType type, int bytes) {
        return new Access(bytes, true, types(), types(type));
    }

    static Effect store(ValType type, int bytes) {
        return new Access(bytes, false, types(type), types());
    }

    static Effect loadLane(int bytes) {
        return new Access(bytes, false, types(VecType.V128), types(VecType.V128));
    }

    /** Read-modify-write; also {@code notify}, which takes a count and gives one. */
    static Effect rmw(ValType type, int bytes) {
        return new Access(bytes, false, types(type), types(type));
    }

    static Effect cmpxchg(ValType type, int bytes) {
        return new Access(bytes, false, types(type, type), types(type));
    }

    /** {@code wait}: an expected value and a timeout in nanoseconds. */
    static Effect waiting(NumType type) {
        return new Access(type == NumType.I32 ? 4 : 8, false, types(type, NumType.I64), types(NumType.I32));
    }
}
