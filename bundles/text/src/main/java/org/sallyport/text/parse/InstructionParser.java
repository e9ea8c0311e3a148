package org.sallyport.text.parse;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.wasm.Opcode;

/**
 * Reads instruction sequences, flat and folded (WebAssembly 3.0, 6.5), and writes them in the binary format.
 *
 * <p>A folded instruction comes before its operands in the text and behind them in the binary. It is therefore written
 * to a second buffer first and moved to the code when its parenthesis closes; these delayed instructions form a stack.
 * What is open is kept in frames of our own, so that the depth of nesting is limited by the size of the text only.
 */
final class InstructionParser {

    /** What a frame waits for. */
    private enum Wait {
        /** Instructions up to a parenthesis that belongs to the caller. */
        SEQUENCE,
        /** {@code (op ...}: folded operands. */
        OPERANDS,
        /** {@code (block ...}: instructions. */
        FOLDED_BLOCK,
        /** {@code (if ...}: folded operands, then {@code (then}. */
        CONDITION,
        /** {@code (if (then ...}: instructions. */
        THEN,
        /** {@code (if (then ...)}: {@code (else} or the end. */
        AFTER_THEN,
        /** {@code (if (then ...) (else ...}: instructions. */
        ELSE,
        /** {@code (if (then ...) (else ...)}: the end. */
        AFTER_ELSE,
        /** {@code block ...}: instructions up to {@code end}. */
        FLAT_BLOCK,
        /** {@code if ...}: instructions up to {@code else} or {@code end}. */
        FLAT_IF
    }

    private static final class Frame {
        Wait wait = Wait.SEQUENCE;
        /** Where the delayed instruction begins. */
        int delayed;
        /** Of an {@code if} whose block has not begun. */
        @Nullable String label;
        /** Number of the token behind it. */
        int behindLabel;
        /** Branch hint of the delayed instruction. */
        int hint;
    }

    private final Context c;
    private final Cursor in;
    private final ImmediateParser immediates;
    private final BinaryWriter delayed = new BinaryWriter();
    private Frame[] frames = new Frame[16];
    private int depth;

    private BinaryWriter code = new BinaryWriter();
    private int function;
    private int labelCount;

    InstructionParser(Context context) {
        c = context;
        in = context.in;
        immediates = new ImmediateParser(context);
    }

    /** Instructions up to a closing parenthesis, which stays, and an {@code end}. */
    void expression(BinaryWriter out) {
        sequence(out, -1);
    }

    /** One folded instruction, and an {@code end}. */
    void foldedExpression(BinaryWriter out) {
        begin(out, -1);
        folded();
        while (depth > 0) {
            step(frames[depth - 1]);
        }
        out.u8(Opcode.END.code());
    }

    /**
     * As {@link #expression}, for a function body.
     *
     * @param out empty; offsets of branch hints count from its start
     */
    void body(BinaryWriter out, int function) {
        sequence(out, function);
    }

    private void sequence(BinaryWriter out, int function) {
        begin(out, function);
        push(Wait.SEQUENCE);
        while (depth > 0) {
            step(frames[depth - 1]);
        }
        out.u8(Opcode.END.code());
    }

    private void begin(BinaryWriter out, int function) {
        code = out;
        this.function = function;
        labelCount = 0;
        depth = 0;
    }

    private Frame push(Wait wait) {
        if (depth == frames.length) {
            frames = Arrays.copyOf(frames, depth * 2);
        }
        Frame frame = frames[depth];
        if (frame == null) {
            frame = new Frame();
            frames[depth] = frame;
        }
        depth++;
        frame.wait = wait;
        frame.hint = BranchHints.NONE;
        return frame;
    }

    private void step(Frame frame) {
        switch (frame.wait) {
            case SEQUENCE, FOLDED_BLOCK, THEN, ELSE, FLAT_BLOCK, FLAT_IF -> instruction(frame);
            case OPERANDS -> operands(frame);
            case CONDITION -> condition(frame);
            case AFTER_THEN -> afterThen(frame);
            case AFTER_ELSE -> closeIf();
        }
    }

    // Sequences

    private void instruction(Frame frame) {
        Opcode op = in.opcode();
        if (in.at(Kind.OPEN)) {
            folded();
        } else if (in.at(Kind.CLOSE)) {
            closeSequence(frame);
        } else if (op == null) {
            if (in.at(Kind.END) && frame.wait == Wait.SEQUENCE) {
                depth--;
                return;
            }
            throw in.unexpected("an instruction");
        } else {
            flat(frame, op);
        }
    }

    private void flat(Frame frame, Opcode op) {
        int token = in.pos();
        in.advance();
        switch (op) {
            case END -> flatEnd(frame, token);
            case ELSE -> flatElse(frame, token);
            case BLOCK, LOOP, TRY_TABLE, IF -> {
                hint(op, token);
                String label = in.optionalId();
                int behind = in.pos();
                header(op, code);
                pushLabel(label, behind);
                push(op == Opcode.IF ? Wait.FLAT_IF : Wait.FLAT_BLOCK);
            }
            default -> {
                hint(op, token);
                immediates.instruction(op, code);
            }
        }
    }

    private void hint(Opcode op, int token) {
        int hint = BranchHints.read(in, token, op);
        if (hint != BranchHints.NONE && function >= 0) {
            c.hints.add(function, code.size(), hint);
        }
    }

    private void flatEnd(Frame frame, int token) {
        if (frame.wait != Wait.FLAT_BLOCK && frame.wait != Wait.FLAT_IF) {
            in.seek(token);
            throw in.unexpected("an instruction");
        }
        matchLabel();
        endBlock();
    }

    private void flatElse(Frame frame, int token) {
        if (frame.wait != Wait.FLAT_IF) {
            in.seek(token);
            throw in.unexpected("an instruction");
        }
        matchLabel();
        code.u8(Opcode.ELSE.code());
        frame.wait = Wait.FLAT_BLOCK;
    }

    /** The label may be repeated at {@code else} and {@code end}. */
    private void matchLabel() {
        int token = in.pos();
        String id = in.optionalId();
        if (id != null && !id.equals(c.labels.top())) {
            String label = c.labels.top() == null ? "nothing" : "$" + c.labels.top();
            throw in.errorAt(token, "mismatching label", "the block is called " + label);
        }
    }

    private void endBlock() {
        code.u8(Opcode.END.code());
        c.labels.pop();
        depth--;
    }

    private void closeSequence(Frame frame) {
        switch (frame.wait) {
            case SEQUENCE -> depth--;
            case FOLDED_BLOCK -> {
                in.close();
                endBlock();
            }
            case THEN -> {
                in.close();
                frame.wait = Wait.AFTER_THEN;
            }
            case ELSE -> {
                in.close();
                frame.wait = Wait.AFTER_ELSE;
            }
            case FLAT_BLOCK, FLAT_IF -> throw in.unexpected("end");
            case OPERANDS, CONDITION, AFTER_THEN, AFTER_ELSE ->
                throw new AssertionError("BUG: no sequence: " + frame.wait);
        }
    }

    // Folded instructions

    private void folded() {
        int token = in.pos();
        in.open();
        Opcode op = in.opcode();
        if (op == null || op == Opcode.END || op == Opcode.ELSE) {
            throw in.unexpected("an instruction");
        }
        int keyword = in.pos();
        in.advance();
        switch (op) {
            case BLOCK, LOOP, TRY_TABLE -> {
                BranchHints.read(in, token, op);
                String label = in.optionalId();
                int behind = in.pos();
                header(op, code);
                pushLabel(label, behind);
                push(Wait.FOLDED_BLOCK);
            }
            case IF -> {
                Frame frame = push(Wait.CONDITION);
                frame.hint = foldedHint(token, keyword, op);
                frame.delayed = delayed.size();
                frame.label = in.optionalId();
                frame.behindLabel = in.pos();
                header(op, delayed);
            }
            default -> {
                Frame frame = push(Wait.OPERANDS);
                frame.hint = foldedHint(token, keyword, op);
                frame.delayed = delayed.size();
                immediates.instruction(op, delayed);
            }
        }
    }

    private int foldedHint(int token, int keyword, Opcode op) {
        int hint = BranchHints.read(in, token, op);
        return hint == BranchHints.NONE ? BranchHints.read(in, keyword, op) : hint;
    }

    private void operands(Frame frame) {
        if (in.at(Kind.OPEN)) {
            folded();
        } else if (in.at(Kind.CLOSE)) {
            in.advance();
            emitDelayed(frame);
            depth--;
        } else {
            throw in.unexpected("( or )");
        }
    }

    private void emitDelayed(Frame frame) {
        if (frame.hint != BranchHints.NONE && function >= 0) {
            c.hints.add(function, code.size(), frame.hint);
        }
        code.take(delayed, frame.delayed);
    }

    private void condition(Frame frame) {
        if (in.acceptOpen(Word.THEN)) {
            emitDelayed(frame);
            pushLabel(frame.label, frame.behindLabel);
            frame.wait = Wait.THEN;
        } else if (in.at(Kind.OPEN)) {
            folded();
        } else {
            throw in.unexpected("(then");
        }
    }

    private void afterThen(Frame frame) {
        if (in.at(Kind.OPEN) && in.tokens().opcode(in.pos() + 1) == Opcode.ELSE) {
            in.advance();
            in.advance();
            code.u8(Opcode.ELSE.code());
            frame.wait = Wait.ELSE;
        } else {
            closeIf();
        }
    }

    private void closeIf() {
        in.close();
        endBlock();
    }

    // Blocks

    private void pushLabel(@Nullable String label, int behind) {
        if (function >= 0) {
            c.names.inner(Names.LABEL, function, labelCount, label, in, behind);
        }
        labelCount++;
        c.labels.push(label);
    }

    /** Opcode, block type and catch clauses, which are outside of the block's own label. */
    private void header(Opcode op, BinaryWriter out) {
        ImmediateParser.opcode(out, op);
        Types.Use use = c.types.useWithoutNames();
        boolean isShort = !use.named() && use.inline().params().isEmpty() && use.inline().results().size() <= 1;
        if (isShort) {
            TypeWriter.blockType(out, use.inline().results());
        } else {
            out.s64(Integer.toUnsignedLong(c.types.index(use)));
        }
        if (op == Opcode.TRY_TABLE) {
            catches(out);
        }
    }

    private void catches(BinaryWriter out) {
        BinaryWriter clauses = new BinaryWriter();
        int count = 0;
        for (int kind = catchKind(); kind >= 0; kind = catchKind()) {
            in.advance();
            in.advance();
            clauses.u8(kind);
            if (kind < 2) {
                clauses.u32(c.tags.index(in));
            }
            clauses.u32(c.labels.index(in));
            in.close();
            count++;
        }
        out.u32(count).append(clauses);
    }

    /** 0 to 3 in the order of the binary format, or -1. */
    private int catchKind() {
        Word word = in.openWord();
        return word == null || word.compareTo(Word.CATCH) < 0 || word.compareTo(Word.CATCH_ALL_REF) > 0
                ? -1
                : word.ordinal() - Word.CATCH.ordinal();
    }
}
