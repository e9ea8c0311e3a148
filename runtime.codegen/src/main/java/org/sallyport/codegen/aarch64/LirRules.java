package org.sallyport.codegen.aarch64;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.lir.LirVerifier;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.RegisterClass;

/**
 * Holds machine instructions to their rows: the operands to {@link Inst#form}, which is {@code definitions <- uses / destroyed}.
 * Operands are registers by class: {@code i} general, {@code f} float, {@code v} vector, {@code y} float or vector, {@code
 * a} any; behind it {@code =} the register of the first use, {@code !} written while uses are still read. {@code mem} stands
 * for the registers of the memory operand, {@code cmp} for those of the comparison, {@code ...} for any number in registers
 * of the calling convention. Destroyed is {@code all} that may be allocated less results, or what memory helpers destroy.
 */
final class LirRules implements LirVerifier.Rules {
    private record Form(String[] definitions, String[] uses, String destroyed) {
        static Form parse(String text) {
            String[] sides = text.split("<-|/", -1);
            return new Form(words(sides[0]), words(sides[1]), sides.length < 3 ? "" : sides[2].strip());
        }

        private static String[] words(String text) {
            return text.isBlank() ? new String[0] : text.strip().split("\\s+");
        }
    }

    private static final Form[] FORMS = Arrays.stream(Inst.values()).map(i -> Form.parse(i.form)).toArray(Form[]::new);

    private final Lir lir;
    private int next;
    private int end;
    private String fault = "";

    LirRules(Lir lir) {
        this.lir = lir;
    }

    @Override
    public void begin(int function) {}

    @Override
    public String print() {
        return LirPrinter.print(lir, null);
    }

    private boolean exists(int op) {
        return op >= 0 && op < FORMS.length;
    }

    @Override
    public boolean ends(int instruction) {
        return exists(lir.op(instruction)) && switch (Inst.of(lir.op(instruction))) {
            case JCC, JMP, SWITCH, RET, UDF -> true;
            case RETURN_CALL, RETURN_CALL_IMPORT, RETURN_CALL_INDIRECT, RETURN_CALL_REF, RETURN_CALL_CODE -> true;
            default -> false;
        };
    }

    /** A call that may throw ends its block: it goes on where it returns, or to a landing. */
    @Override
    public boolean endsWith(int instruction, int successors) {
        return exists(lir.op(instruction)) && switch (Inst.of(lir.op(instruction))) {
            case JMP -> successors == 1;
            case JCC -> successors == 2;
            case SWITCH -> successors > 0;
            case RET, UDF -> successors == 0;
            case RETURN_CALL, RETURN_CALL_IMPORT, RETURN_CALL_INDIRECT, RETURN_CALL_REF, RETURN_CALL_CODE -> successors == 0;
            case CALL, CALL_IMPORT, CALL_INDIRECT, CALL_REF, CALL_CODE, CALL_BUILTIN -> successors == 2;
            default -> false;
        };
    }

    @Override
    public @Nullable String fault(int i) {
        if (!exists(lir.op(i))) {
            return "no instruction " + lir.op(i);
        }
        Inst inst = Inst.of(lir.op(i));
        Form form = FORMS[inst.ordinal()];
        int start = lir.operandStart(i);
        int stop = lir.operandStart(i + 1);
        int uses = start;
        while (uses < stop && Operand.isDef(lir.operand(uses))) {
            uses++;
        }
        next = start;
        end = uses;
        boolean fits = matches(i, form.definitions, uses - start);
        next = fits ? uses : next;
        end = fits ? stop : end;
        fits = fits && matches(i, form.uses, 0) && destroys(i, form.destroyed);
        if (fits && inst.form.contains("mem") && Fields.base(lir.aux(i)) == Fields.Base.NONE) {
            fits = no("it has no memory operand");
        }
        return fits ? null : inst + " (" + inst.form + "): " + fault;
    }

    private boolean no(String what) {
        fault = what;
        return false;
    }

    private boolean matches(int i, String[] words, int reused) {
        for (int k = 0; k < words.length; k++) {
            int aux = lir.aux(i);
            boolean fits = switch (words[k]) {
                case "mem" -> registers(Fields.registers(aux), "i");
                case "cmp" -> registers(Fields.producer(aux).registers(), Fields.producer(aux).isFloat() ? "f" : "i");
                case "..." -> convention(words.length - k - 1);
                default -> register(words[k], reused);
            };
            if (!fits) {
                return false;
            }
        }
        return next == end || no("more operands than the row has");
    }

    private boolean registers(int count, String word) {
        for (int k = 0; k < count; k++) {
            if (!register(word, -1)) {
                return false;
            }
        }
        return true;
    }

    /** Operands in registers of the calling convention, as many as there are besides {@code others}. */
    private boolean convention(int others) {
        for (; next < end - others; next++) {
            if (Operand.constraint(lir.operand(next)) != Operand.FIXED || Operand.isExtended(lir.operand(next))) {
                return no("operand in no register of the calling convention");
            }
        }
        return true;
    }

    private boolean register(String word, int reused) {
        if (next == end) {
            return no("an operand is missing");
        }
        long operand = lir.operand(next++);
        RegisterClass registerClass = lir.registerClass(Operand.vreg(operand));
        boolean isOf = switch (word.charAt(0)) {
            case 'i' -> registerClass == RegisterClass.INT;
            case 'f' -> registerClass == RegisterClass.FLOAT;
            case 'v' -> registerClass == RegisterClass.VECTOR;
            case 'y' -> registerClass != RegisterClass.INT;
            default -> true;
        };
        if (!isOf) {
            return no("operand of class " + registerClass);
        }
        if (Operand.isExtended(operand) != word.endsWith("!")) {
            return no("operand is early or late, or should be");
        }
        boolean reuses = Operand.constraint(operand) == Operand.REUSE;
        if (reuses != word.endsWith("=") || reuses && Operand.register(operand) != reused) {
            return no("operand reuses a register, or should");
        }
        return Operand.constraint(operand) != Operand.ANY || no("operand may be in memory");
    }

    private boolean destroys(int i, String destroyed) {
        long results = 0;
        for (int k = lir.operandStart(i); k < lir.operandStart(i + 1); k++) {
            long operand = lir.operand(k);
            if (Operand.isDef(operand) && !Operand.isExtended(operand) && Operand.constraint(operand) == Operand.FIXED) {
                results |= 1L << Operand.register(operand);
            }
        }
        long wanted = switch (destroyed) {
            case "" -> 0;
            case "all" -> Abi.ALLOCATABLE & ~results;
            default -> LowerCalls.HELPER_CLOBBERS;
        };
        return lir.clobbers(i) == wanted || no("destroys " + Long.toHexString(lir.clobbers(i)));
    }
}
