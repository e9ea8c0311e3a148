package org.sallyport.codegen.x64;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.codegen.lir.Lir;
import org.sallyport.codegen.lir.LirVerifier;
import org.sallyport.codegen.pipeline.ModuleCode;
import org.sallyport.codegen.regalloc.Operand;
import org.sallyport.codegen.regalloc.RegisterClass;

/**
 * Holds machine instructions to their rows: operands, fields and immediates to {@link Inst#form}, calls to the calling
 * convention ({@link CallRules}), memory operands to the frame ({@link MemoryOperandRules}). What is wrong with the current
 * instruction is kept until {@link #fault} answers it.
 */
final class LirRules implements LirVerifier.Rules {
    private static final Form[] FORMS = Arrays.stream(Inst.values()).map(i -> Form.parse(i.form)).toArray(Form[]::new);
    private static final List<List<Form.Item>> COMPARISONS =
            Arrays.stream(Producer.values()).map(p -> Form.items(p.form)).toList();

    private final Lir lir;
    private final boolean avx;
    private final CallRules calls;
    private final MemoryOperandRules memory;
    private final FieldRules fields;

    /** The operand to look at next, and where uses or operands end. */
    private int next;
    private int end;
    private int first;
    private @Nullable RegisterClass alike;
    private String fault = "";

    LirRules(Lir lir, CpuFeatures cpu, ModuleCode module) {
        this.lir = lir;
        avx = cpu.avx();
        calls = new CallRules(lir, module);
        memory = new MemoryOperandRules(lir, module, cpu);
        fields = new FieldRules(lir);
    }

    static Form form(Inst inst) {
        return FORMS[inst.ordinal()];
    }

    @Override
    public void begin(int function) {
        calls.begin(function);
        memory.begin(function);
    }

    @Override
    public String print() {
        try {
            return LirPrinter.print(lir, null);
        } catch (IndexOutOfBoundsException e) { // what is damaged need not have a text
            return "(it cannot be printed: " + e.getMessage() + ")";
        }
    }

    private boolean exists(int op) {
        return op >= 0 && op < FORMS.length;
    }

    @Override
    public boolean ends(int instruction) {
        return exists(lir.op(instruction)) && switch (Inst.of(lir.op(instruction))) {
            case JCC, JMP, SWITCH, RET, UD2 -> true;
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
            case RET, UD2 -> successors == 0;
            case RETURN_CALL, RETURN_CALL_IMPORT, RETURN_CALL_INDIRECT, RETURN_CALL_REF, RETURN_CALL_CODE -> successors == 0;
            case CALL, CALL_IMPORT, CALL_INDIRECT, CALL_REF, CALL_CODE, CALL_CODE_M, CALL_BUILTIN -> successors == 2;
            default -> false;
        };
    }

    @Override
    public @Nullable String fault(int i) {
        int op = lir.op(i);
        if (!exists(op)) {
            return "no instruction " + op;
        }
        Inst inst = Inst.of(op);
        Form form = form(inst);
        String wrong = fields.fault(i, inst, form);
        if (wrong == null) {
            wrong = operands(i, form);
        }
        if (wrong == null) {
            wrong = memory.fault(i, inst, form);
        }
        return wrong == null ? calls.fault(i, inst) : inst + " (" + inst.form + "): " + wrong;
    }

    // ---- operands

    private @Nullable String operands(int i, Form form) {
        String wrong = null;
        for (Form.Shape shape : form.shapes()) {
            if (matches(i, shape)) {
                return null;
            }
            wrong = wrong == null ? fault : wrong + ", and " + fault;
        }
        return wrong;
    }

    private boolean matches(int i, Form.Shape shape) {
        int start = lir.operandStart(i);
        int stop = lir.operandStart(i + 1);
        int uses = start;
        while (uses < stop && Operand.isDef(lir.operand(uses))) {
            uses++;
        }
        first = start;
        alike = null;
        next = start;
        end = uses;
        if (!matches(i, shape.definitions(), uses - start)) {
            return false;
        }
        next = uses;
        end = stop;
        return matches(i, shape.uses(), 0) && destroys(i, shape.destroyed());
    }

    /** All operands up to the end, by all items. @param reused number of the operand that a definition reuses */
    private boolean matches(int i, List<Form.Item> items, int reused) {
        for (int k = 0; k < items.size(); k++) {
            Form.Item item = items.get(k);
            boolean fits = switch (item.kind()) {
                case REGISTER -> register(item, reused);
                case MEMORY -> memoryOperand(i);
                case COMPARISON -> matchesAll(i, COMPARISONS.get(Fields.producer(lir.aux(i)).ordinal()));
                case CONVENTION -> convention(items.size() - k - 1 + memoryRegisters(i, items));
            };
            if (!fits) {
                return false;
            }
        }
        return next == end || no("more operands than the row has");
    }

    private boolean matchesAll(int i, List<Form.Item> items) {
        for (Form.Item item : items) {
            if (!(item.kind() == Form.Kind.MEMORY ? memoryOperand(i) : register(item, -1))) {
                return false;
            }
        }
        return true;
    }

    private boolean no(String what) {
        fault = what;
        return false;
    }

    /** More operands than items that a memory operand takes. */
    private int memoryRegisters(int i, List<Form.Item> items) {
        return items.getLast().kind() == Form.Kind.MEMORY ? Fields.registers(lir.aux(i)) - 1 : 0;
    }

    private boolean memoryOperand(int i) {
        for (int k = Fields.registers(lir.aux(i)); k > 0; k--) {
            if (!register(MEMORY_REGISTER, -1)) {
                return false;
            }
        }
        return true;
    }

    private static final Form.Item MEMORY_REGISTER = Form.items("i").getFirst();

    /** Operands in registers of the calling convention, as many as there are besides {@code others}. */
    private boolean convention(int others) {
        for (; next < end - others; next++) {
            long operand = lir.operand(next);
            if (Operand.constraint(operand) != Operand.FIXED || Operand.isExtended(operand)) {
                return no("operand " + (next - first) + " is in no register of the calling convention");
            }
        }
        return true;
    }

    private boolean register(Form.Item item, int reused) {
        String name = "operand " + (next - first);
        if (next == end) {
            return no(name + " is missing");
        }
        long operand = lir.operand(next++);
        RegisterClass registerClass = lir.registerClass(Operand.vreg(operand));
        if (!isOf(item, registerClass)) {
            return no(name + " is of class " + registerClass);
        }
        if (Operand.isExtended(operand) != item.isEarly()) {
            return no(name + (item.isEarly() ? " is not early" : " is early or late"));
        }
        boolean reuses = item.reuses() || item.reusesWithoutAvx() && !avx;
        int constraint = Operand.constraint(operand);
        if (reuses) {
            return constraint == Operand.REUSE && Operand.register(operand) == reused || no(name + " reuses no register");
        }
        if (item.register() >= 0) {
            boolean isThere = constraint == Operand.FIXED && Operand.register(operand) == item.register();
            return isThere || no(name + " is in no given register");
        }
        boolean mayBeInMemory = item.any() && (item.registerClass() != 'y' || registerClass == RegisterClass.VECTOR);
        return constraint == Operand.REGISTER || constraint == Operand.ANY && mayBeInMemory
                || no(name + " has another constraint");
    }

    private boolean isOf(Form.Item item, RegisterClass registerClass) {
        return switch (item.registerClass()) {
            case 'i' -> registerClass == RegisterClass.INT;
            case 'f' -> registerClass == RegisterClass.FLOAT;
            case 'v' -> registerClass == RegisterClass.VECTOR;
            case 'y' -> registerClass != RegisterClass.INT;
            default -> {
                boolean isAlike = registerClass != RegisterClass.INT && (alike == null || alike == registerClass);
                alike = registerClass;
                yield isAlike;
            }
        };
    }

    // ---- what is destroyed

    private boolean destroys(int i, String destroyed) {
        long wanted = switch (destroyed) {
            case "" -> 0;
            case "all" -> Abi.ALLOCATABLE & ~results(i);
            case "helper" -> LowerCalls.HELPER_CLOBBERS;
            default -> 1L << Form.number(destroyed);
        };
        return lir.clobbers(i) == wanted || no("destroys " + Long.toHexString(lir.clobbers(i)));
    }

    /** Registers of the results that a call leaves. */
    private long results(int i) {
        long set = 0;
        for (int k = lir.operandStart(i); k < lir.operandStart(i + 1); k++) {
            long operand = lir.operand(k);
            if (Operand.isDef(operand) && !Operand.isExtended(operand)) {
                set |= 1L << Operand.register(operand);
            }
        }
        return set;
    }
}
