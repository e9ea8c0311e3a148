package org.sallyport.codegen.ir;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The instructions of the graph, one row each. Integer and float operations work on the width of their type; names
 * that begin with
 * {@code F} are the float ones. Semantics are those of the WebAssembly operators of the same name (4.3).
 *
 * <p>Operand letters: {@code e} i32, i64 or ref, {@code i} i32 or i64, {@code f} f32 or f64, {@code w} i32, {@code l} i64,
 * {@code q} v128, {@code v} any; equal letters {@code e}, {@code i}, {@code f} and {@code x} (any) in one row mean equal
 * types; {@code *} any number of operands, kept in the graph's operand list.
 */
public enum Op {
    // @formatter:off
    //            operands  result            properties
    /** Parameter {@code imm} of the function; only in the entry block. */
    ARG          ("",      Result.GIVEN,      Op.PURE | Op.PINNED),
    /** Parameter of a block. Not in the block's instruction list. {@code imm} is its greatest value, 0 if that is not known. */
    PARAM        ("",      Result.GIVEN,      Op.PURE | Op.PINNED),
    /** The constant {@code imm}: i32 sign-extended, f32 and f64 as raw bits, v128 a number of {@link Graph#wide}. */
    CONST        ("",      Result.GIVEN,      Op.PURE),
    /** Address of the instance context (i64), in native code. */
    VMCTX        ("",      Result.I64,        Op.PURE),
    /** Result {@code imm} (1 and up) of the call {@code a}; all of them stand in order directly behind the call. */
    RESULT       ("v",     Result.GIVEN,      Op.PINNED),

    ADD          ("ii",    Result.SAME,       Op.PURE | Op.COMMUTES),
    SUB          ("ii",    Result.SAME,       Op.PURE),
    MUL          ("ii",    Result.SAME,       Op.PURE | Op.COMMUTES),
    /** Upper half of the double-width product (i64 only). */
    MULHI_S      ("ll",    Result.I64,        Op.PURE | Op.COMMUTES),
    MULHI_U      ("ll",    Result.I64,        Op.PURE | Op.COMMUTES),
    /** Traps: INTEGER_DIVIDE_BY_ZERO, and INTEGER_OVERFLOW for DIV_S. */
    DIV_S        ("ii",    Result.SAME,       Op.TRAPS),
    DIV_U        ("ii",    Result.SAME,       Op.TRAPS),
    REM_S        ("ii",    Result.SAME,       Op.TRAPS),
    REM_U        ("ii",    Result.SAME,       Op.TRAPS),
    AND          ("ii",    Result.SAME,       Op.PURE | Op.COMMUTES),
    OR           ("ii",    Result.SAME,       Op.PURE | Op.COMMUTES),
    XOR          ("ii",    Result.SAME,       Op.PURE | Op.COMMUTES),
    /** Shift and rotation counts are taken modulo the width. */
    SHL          ("ii",    Result.SAME,       Op.PURE),
    SHR_S        ("ii",    Result.SAME,       Op.PURE),
    SHR_U        ("ii",    Result.SAME,       Op.PURE),
    ROTL         ("ii",    Result.SAME,       Op.PURE),
    ROTR         ("ii",    Result.SAME,       Op.PURE),
    CLZ          ("i",     Result.SAME,       Op.PURE),
    CTZ          ("i",     Result.SAME,       Op.PURE),
    POPCNT       ("i",     Result.SAME,       Op.PURE),
    /** Sign extension of the low bits within the type. {@code i64.extend32_s} is EXTEND_S of WRAP. */
    EXTEND8_S    ("i",     Result.SAME,       Op.PURE),
    EXTEND16_S   ("i",     Result.SAME,       Op.PURE),
    /** i32 to i64. EXTEND_U is free: registers hold i32 zero-extended. */
    EXTEND_S     ("w",     Result.I64,        Op.PURE),
    EXTEND_U     ("w",     Result.I64,        Op.PURE),
    /** i64 to i32. */
    WRAP         ("l",     Result.I32,        Op.PURE),

    /** Integer comparisons give 0 or 1 ({@code eqz} is EQ with the constant 0). */
    EQ           ("ee",    Result.I32,        Op.PURE | Op.COMMUTES | Op.COMPARES),
    NE           ("ee",    Result.I32,        Op.PURE | Op.COMMUTES | Op.COMPARES),
    LT_S         ("ii",    Result.I32,        Op.PURE | Op.COMPARES),
    LT_U         ("ii",    Result.I32,        Op.PURE | Op.COMPARES),
    GT_S         ("ii",    Result.I32,        Op.PURE | Op.COMPARES),
    GT_U         ("ii",    Result.I32,        Op.PURE | Op.COMPARES),
    LE_S         ("ii",    Result.I32,        Op.PURE | Op.COMPARES),
    LE_U         ("ii",    Result.I32,        Op.PURE | Op.COMPARES),
    GE_S         ("ii",    Result.I32,        Op.PURE | Op.COMPARES),
    GE_U         ("ii",    Result.I32,        Op.PURE | Op.COMPARES),

    FADD         ("ff",    Result.SAME,       Op.PURE | Op.COMMUTES),
    FSUB         ("ff",    Result.SAME,       Op.PURE),
    FMUL         ("ff",    Result.SAME,       Op.PURE | Op.COMMUTES),
    FDIV         ("ff",    Result.SAME,       Op.PURE),
    FMIN         ("ff",    Result.SAME,       Op.PURE),
    FMAX         ("ff",    Result.SAME,       Op.PURE),
    FCOPYSIGN    ("ff",    Result.SAME,       Op.PURE),
    FABS         ("f",     Result.SAME,       Op.PURE),
    FNEG         ("f",     Result.SAME,       Op.PURE),
    FSQRT        ("f",     Result.SAME,       Op.PURE),
    FCEIL        ("f",     Result.SAME,       Op.PURE),
    FFLOOR       ("f",     Result.SAME,       Op.PURE),
    FTRUNC       ("f",     Result.SAME,       Op.PURE),
    FNEAREST     ("f",     Result.SAME,       Op.PURE),
    FEQ          ("ff",    Result.I32,        Op.PURE | Op.COMMUTES | Op.COMPARES),
    FNE          ("ff",    Result.I32,        Op.PURE | Op.COMMUTES | Op.COMPARES),
    FLT          ("ff",    Result.I32,        Op.PURE | Op.COMPARES),
    FGT          ("ff",    Result.I32,        Op.PURE | Op.COMPARES),
    FLE          ("ff",    Result.I32,        Op.PURE | Op.COMPARES),
    FGE          ("ff",    Result.I32,        Op.PURE | Op.COMPARES),

    /** Float to integer. Traps: INVALID_CONVERSION (NaN), INTEGER_OVERFLOW (out of range). */
    TRUNC_S      ("f",     Result.INT,        Op.TRAPS),
    TRUNC_U      ("f",     Result.INT,        Op.TRAPS),
    TRUNC_SAT_S  ("f",     Result.INT,        Op.PURE),
    TRUNC_SAT_U  ("f",     Result.INT,        Op.PURE),
    /** Integer to float. */
    CONVERT_S    ("i",     Result.FLOAT,      Op.PURE),
    CONVERT_U    ("i",     Result.FLOAT,      Op.PURE),
    DEMOTE       ("f",     Result.F32,        Op.PURE),
    PROMOTE      ("f",     Result.F64,        Op.PURE),
    /** The same bits as the other kind of the same size. */
    REINTERPRET  ("v",     Result.GIVEN,      Op.PURE),

    /** Operations on vectors; {@link Graph#aux} says which {@link LaneOp}, and on which lanes. */
    VUNARY       ("q",     Result.V128,       Op.PURE),
    VBINARY      ("qq",    Result.V128,       Op.PURE),
    VTERNARY     ("qqq",   Result.V128,       Op.PURE),
    VSHIFT       ("qw",    Result.V128,       Op.PURE),
    VTEST        ("q",     Result.I32,        Op.PURE),
    VSPLAT       ("v",     Result.V128,       Op.PURE),
    /** Lane {@code imm} of {@code a}. */
    VEXTRACT     ("q",     Result.GIVEN,      Op.PURE),
    /** {@code a} with {@code b} as its lane {@code imm}. */
    VREPLACE     ("qv",    Result.V128,       Op.PURE),
    /** Byte i is byte p[i] of {@code a} and, from 16 on, {@code b}; p is the constant {@code imm} of {@link Graph#wide}. */
    VSHUFFLE     ("qq",    Result.V128,       Op.PURE),

    /** {@code a != 0 ? b : c}. */
    SELECT       ("wxx",   Result.SECOND,     Op.PURE),
    /**
     * {@code a != 0 ? b : 0}, without a branch, and kept even where a check before it makes the outcome certain: the
     * CPU may
     * speculate past the check (Spectre variant 1).
     */
    GUARD        ("wi",    Result.SECOND,     Op.PURE),

    /**
     * Linear memory {@code memory}: the bytes at {@code a + imm} (a unsigned, imm below 2^32, no wrapping), as
     * {@link Graph#access}
     * says. A {@linkplain Graph#isChecked checked} address is an i64 that is inside; any other is an i32 and relies on the
     * guard pages: may trap
     * MEMORY_OUT_OF_BOUNDS. A small negative imm, which {@link ShareAddresses} makes, relies on those below the base.
     */
    LOAD         ("i",     Result.GIVEN,      Op.TRAPS | Op.READS),
    /** Stores {@code b} at {@code a + imm}. */
    STORE        ("iv",    Result.NONE,       Op.TRAPS | Op.WRITES),
    /**
     * Atomic accesses, sequentially consistent, at addresses as for {@link #LOAD} that are multiples of the access's size. What
     * is narrower than the type is extended with zeros. Nothing that another thread could see moves across one of these.
     */
    ATOMIC_LOAD   ("i",    Result.GIVEN,      Op.TRAPS | Op.READS | Op.WRITES | Op.ATOMIC),
    ATOMIC_STORE  ("iv",   Result.NONE,       Op.TRAPS | Op.WRITES | Op.ATOMIC),
    /** Combines what is there with {@code b}; the value is what was there. */
    ATOMIC_ADD    ("iv",   Result.SECOND,     Op.TRAPS | Op.READS | Op.WRITES | Op.ATOMIC),
    ATOMIC_AND    ("iv",   Result.SECOND,     Op.TRAPS | Op.READS | Op.WRITES | Op.ATOMIC),
    ATOMIC_OR     ("iv",   Result.SECOND,     Op.TRAPS | Op.READS | Op.WRITES | Op.ATOMIC),
    ATOMIC_XOR    ("iv",   Result.SECOND,     Op.TRAPS | Op.READS | Op.WRITES | Op.ATOMIC),
    ATOMIC_XCHG   ("iv",   Result.SECOND,     Op.TRAPS | Op.READS | Op.WRITES | Op.ATOMIC),
    /** Writes {@code c} if {@code b}, all of it, is what is there; the value is what was there. */
    ATOMIC_CMPXCHG("ixx",  Result.SECOND,     Op.TRAPS | Op.READS | Op.WRITES | Op.ATOMIC),
    ATOMIC_FENCE  ("",     Result.NONE,       Op.WRITES | Op.ATOMIC),
    /**
     * What belongs to an instance, by its index {@code imm} in the module: how it is kept is the back end's affair. For native
     * code {@link LowerRuntime} says how.
     */
    GLOBAL_GET   ("",      Result.GIVEN,      Op.READS),
    GLOBAL_SET   ("v",     Result.NONE,       Op.WRITES),
    /** Current length of a memory in bytes. */
    MEMORY_LENGTH("",      Result.I64,        Op.READS),
    /** Current number of a table's elements; as an i32 only if the table's addresses are. */
    TABLE_LENGTH ("",      Result.INT,        Op.READS),
    /** The element {@code a}, which is less than the table's length; in the table's address type. */
    TABLE_GET    ("i",     Result.GIVEN,      Op.READS),
    TABLE_SET    ("iv",    Result.NONE,       Op.WRITES),
    /** The reference to a function. */
    REF_FUNC     ("",      Result.GIVEN,      Op.PURE),
    /** Number of the type of the function that {@code a} refers to, which is not null; equal types have equal numbers. */
    FUNC_TYPE    ("v",     Result.I32,        Op.READS),
    /** The number of type {@code imm}. */
    TYPE_NUMBER  ("",      Result.I32,        Op.PURE),
    /** Number of the supertype that is {@code imm} below the root, or of the type itself, of that function's type; 0: none. */
    FUNC_ANCESTOR("v",     Result.I32,        Op.READS),
    /** What {@link #FUNC_TYPE} and {@link #FUNC_ANCESTOR} may read like a function and that has no type. */
    NO_FUNCTION  ("",      Result.I64,        Op.PURE),

    /** The number of tag {@code imm}; equal tags have equal numbers. */
    TAG_NUMBER   ("",      Result.I64,        Op.PURE),
    /** Of the exception that arrived in the handler that was entered last: the number of its tag, its value {@code imm}. */
    EXCEPTION_TAG("",      Result.I64,        Op.READS),
    EXCEPTION_GET("",      Result.GIVEN,      Op.READS),
    /** Value {@code imm} of the exception that is about to be thrown. */
    EXCEPTION_SET("v",     Result.NONE,       Op.WRITES),

    /** The runtime's structures: the value at address {@code a + imm} (imm signed 32 bits); never traps. */
    VMLOAD       ("l",     Result.GIVEN,      Op.READS),
    /** Stores {@code b} at {@code a + imm}. */
    VMSTORE      ("lv",    Result.NONE,       Op.WRITES),

    /** Calls function {@code imm} of the module's index space, defined in this module. Defines result 0. */
    CALL         ("*",     Result.GIVEN,      Op.CALLS),
    /** Calls imported function {@code imm}. */
    CALL_IMPORT  ("*",     Result.GIVEN,      Op.CALLS),
    /**
     * Operands: reference to a function of type {@code imm}, not null; arguments. {@link Graph#aux} is as for {@link
     * #CALL_INDIRECT},
     * which {@link LowerRuntime} makes of it.
     */
    CALL_REF     ("*",     Result.GIVEN,      Op.CALLS),
    /**
     * Operands: code address, callee's context, arguments; {@code imm} is the type index. {@link Graph#aux} is {@link
     * Graph#SAME_INSTANCE} or 0.
     */
    CALL_INDIRECT("*",     Result.GIVEN,      Op.CALLS),
    /**
     * A structure of type {@code imm}, whose number is {@code a} and size {@code aux}, all zero. Changes nothing that anybody
     * can see. For native code {@link ExpandAllocations} says how.
     */
    NEW_STRUCT   ("w",     Result.I64,        Op.CALLS),
    /** An array of type {@code imm}, whose number is {@code a}, of {@code b} elements of {@code aux} bytes, all zero. */
    NEW_ARRAY    ("ww",    Result.I64,        Op.CALLS),
    /** Notes that a reference is about to be written to the object {@code a}, or to the element 8 bytes behind it. */
    NOTE_WRITE   ("l",     Result.NONE,       Op.WRITES),
    /**
     * Where references are objects of the back end's language: makes, reads or changes a structure or an array, as the {@link
     * ObjectOp} with ordinal {@link Graph#aux} says.
     */
    OBJECT       ("*",     Result.GIVEN,      Op.CALLS),
    /** Whether {@code a} is of the heap type {@link Graph#heapType}, or null and {@link Graph#aux} is 1. */
    REF_TEST     ("v",     Result.I32,        Op.PURE),
    /** Whether two references are to the same; two i31 are if their values are. */
    REF_EQ       ("vv",    Result.I32,        Op.PURE | Op.COMMUTES),
    I31_NEW      ("w",     Result.GIVEN,      Op.PURE),
    /** The value of an i31, with its sign if {@link Graph#aux} is 1; of anything else any number. */
    I31_GET      ("v",     Result.I32,        Op.PURE),
    /** Calls the {@link org.sallyport.spi.Builtin} with ordinal {@code imm}. */
    CALL_BUILTIN ("*",     Result.GIVEN,      Op.CALLS),
    /**
     * Calls the {@link Helper} with ordinal {@code imm}; memories in {@link Graph#aux}: destination {@code | source
     * << 16}.
     */
    CALL_HELPER  ("*",     Result.NONE,       Op.TRAPS | Op.WRITES),

    /**
     * Takes {@code imm} from the fuel; traps with OUT_OF_FUEL if that leaves less than nothing and {@link Graph#aux} is
     * {@link Graph#CHECKED_CHARGE}. Stays where it is between what may trap or call.
     */
    CHARGE       ("",      Result.NONE,       Op.TRAPS | Op.CHARGES),
    /** Takes {@code a}, unsigned and below 2^62, and checks. */
    CHARGE_BY    ("l",     Result.NONE,       Op.TRAPS | Op.CHARGES),

    /** Traps with {@link org.sallyport.TrapCode} ordinal {@code imm} if {@code a != 0}. */
    TRAP_IF      ("w",     Result.NONE,       Op.TRAPS),
    /** Traps if {@code a == 0}. */
    TRAP_UNLESS  ("w",     Result.NONE,       Op.TRAPS),

    /** To the only successor; the operands are its block parameters. */
    JUMP         ("*",     Result.NONE,       Op.ENDS),
    /** To successor 0 if {@code a != 0}, else to successor 1. */
    BRANCH       ("w",     Result.NONE,       Op.ENDS),
    /** To the successor that {@link Graph#tableCase} names for {@code a}; the last case is for everything larger. */
    BR_TABLE     ("w",     Result.NONE,       Op.ENDS),
    /**
     * Behind a call and its results: to successor 0 when the call has returned, to successor 1 (a handler's landing, where
     * the results do not exist) when it threw.
     */
    OUTCOME      ("",      Result.NONE,       Op.ENDS),
    RETURN       ("*",     Result.NONE,       Op.ENDS),
    /** As {@link #CALL}, in this function's place: its results are this one's, and its frame takes the place of this one's. */
    RETURN_CALL  ("*",     Result.NONE,       Op.ENDS),
    /** As {@link #CALL_IMPORT}, in this function's place. */
    RETURN_CALL_IMPORT  ("*", Result.NONE,    Op.ENDS),
    /** As {@link #CALL_REF}, in this function's place. */
    RETURN_CALL_REF     ("*", Result.NONE,    Op.ENDS),
    /** As {@link #CALL_INDIRECT}, in this function's place. */
    RETURN_CALL_INDIRECT("*", Result.NONE,    Op.ENDS),
    /** Traps with the code {@code imm}. */
    TRAP         ("",      Result.NONE,       Op.ENDS);
    // @formatter:on

    /** Which type the value has. */
    enum Result {
        NONE,
        /** That of operand a. */
        SAME,
        /** That of operand b. */
        SECOND,
        I32,
        I64,
        F32,
        F64,
        V128,
        /** i32 or i64, chosen by the maker. */
        INT,
        /** f32 or f64. */
        FLOAT,
        /** Whatever the maker says. */
        GIVEN
    }

    private static final int PURE = 1;
    private static final int COMMUTES = 1 << 1;
    private static final int COMPARES = 1 << 2;
    private static final int TRAPS = 1 << 3;
    private static final int READS = 1 << 4;
    private static final int WRITES = 1 << 5;
    private static final int CALLS = 1 << 6;
    private static final int ENDS = 1 << 7;
    private static final int PINNED = 1 << 8;
    private static final int CHARGES = 1 << 9;
    private static final int ATOMIC = 1 << 10;

    private static final Op[] VALUES = values();
    private static final byte[] OPERAND_COUNTS = new byte[VALUES.length];

    static {
        for (Op op : VALUES) {
            OPERAND_COUNTS[op.ordinal()] = (byte) op.operandCount;
        }
    }

    final String operands;
    final Result result;
    private final int properties;
    private final int operandCount;
    private final String text;

    Op(String operands, Result result, int properties) {
        this.operands = operands;
        this.result = result;
        this.properties = properties;
        operandCount = operands.equals("*") ? -1 : operands.length();
        text = name().toLowerCase(Locale.ROOT);
    }

    /** The operation with that number, of which the lowest 8 bits count. */
    static Op of(int ordinal) {
        return VALUES[ordinal & 0xFF];
    }

    /** The {@link #operandCount()} of the operation with that number. */
    static int operandCount(int ordinal) {
        return OPERAND_COUNTS[ordinal & 0xFF];
    }

    /** Number of operands, or -1 when they are a list. */
    int operandCount() {
        return operandCount;
    }

    /** No effect but its value, which depends on operands and immediates only. */
    public boolean isPure() {
        return (properties & PURE) != 0;
    }

    /** Operands a and b may be exchanged. */
    public boolean commutes() {
        return (properties & COMMUTES) != 0;
    }

    public boolean isCompare() {
        return (properties & COMPARES) != 0;
    }

    /** May trap, depending on its operands. Calls may trap too and are not marked. */
    public boolean mayTrap() {
        return (properties & TRAPS) != 0;
    }

    public boolean reads() {
        return (properties & READS) != 0;
    }

    public boolean writes() {
        return (properties & WRITES) != 0;
    }

    /** Calls something that may change everything that can change. */
    public boolean isCall() {
        return (properties & CALLS) != 0;
    }

    /** Makes an object of the store's heap: a call that changes nothing that a guest can see. */
    public boolean isAllocation() {
        return this == NEW_STRUCT || this == NEW_ARRAY;
    }

    public boolean isTerminator() {
        return (properties & ENDS) != 0;
    }

    /** Orders what comes before and behind it for other threads: all that may change may have changed afterwards. */
    public boolean isAtomic() {
        return (properties & ATOMIC) != 0;
    }

    /** Reads or writes linear memory at an address that is operand a. */
    public boolean isLinearAccess() {
        return this == LOAD || this == STORE || isAtomic() && this != ATOMIC_FENCE;
    }

    /** Belongs to an instance and is named by an index: what {@link LowerRuntime} takes apart. */
    boolean isSymbolic() {
        return switch (this) {
            case GLOBAL_GET, GLOBAL_SET, MEMORY_LENGTH, TABLE_LENGTH, TABLE_GET, TABLE_SET -> true;
            case REF_FUNC, FUNC_TYPE, FUNC_ANCESTOR, NO_FUNCTION, TYPE_NUMBER, CALL_REF, RETURN_CALL_REF -> true;
            case TAG_NUMBER, EXCEPTION_TAG, EXCEPTION_GET, EXCEPTION_SET, NOTE_WRITE -> true;
            default -> false;
        };
    }

    /** Takes fuel. */
    public boolean charges() {
        return (properties & CHARGES) != 0;
    }

    /** Stays where it is. */
    public boolean isPinned() {
        return (properties & PINNED) != 0;
    }

    /** Gone when nobody uses the value: pure, or a read that cannot trap. */
    public boolean isRemovable() {
        return (properties & (TRAPS | WRITES | CALLS | ENDS)) == 0 && this != RESULT;
    }

    /** For integer and float comparisons: the one that holds for (b, a) when this holds for (a, b). */
    public Op swapped() {
        return switch (this) {
            case LT_S -> GT_S;
            case LT_U -> GT_U;
            case GT_S -> LT_S;
            case GT_U -> LT_U;
            case LE_S -> GE_S;
            case LE_U -> GE_U;
            case GE_S -> LE_S;
            case GE_U -> LE_U;
            case FLT -> FGT;
            case FGT -> FLT;
            case FLE -> FGE;
            case FGE -> FLE;
            default -> this;
        };
    }

    /** For integer comparisons, FEQ and FNE: the one that holds when this does not; else null (NaN). */
    public @Nullable Op negated() {
        return switch (this) {
            case EQ -> NE;
            case NE -> EQ;
            case LT_S -> GE_S;
            case LT_U -> GE_U;
            case GT_S -> LE_S;
            case GT_U -> LE_U;
            case LE_S -> GT_S;
            case LE_U -> GT_U;
            case GE_S -> LT_S;
            case GE_U -> LT_U;
            case FEQ -> FNE;
            case FNE -> FEQ;
            default -> null;
        };
    }

    /** The name in the text form: {@code add}. */
    @Override
    public String toString() {
        return text;
    }
}
