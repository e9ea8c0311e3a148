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
        /** {@code (if (then ...) (else ...} and {@code (try (do ...) (catch_all ...}: instructions. */
        LAST_PART,
        /** The same with the parenthesis closed: the end. */
        AFTER_LAST_PART,
        /** {@code (try ...}: {@code (do}. */
        TRY,
        /** {@code (try (do ...}: instructions. */
        DO,
        /** {@code (try (do ...)}: {@code (catch}, {@code (catch_all}, {@code (delegate} or the end. */
        AFTER_DO,
        /** {@code (try (do ...) (catch ...}: instructions. */
        CATCH,
        /** {@code (try (do ...) (catch ...)}: {@code (catch}, {@code (catch_all} or the end. */
        AFTER_CATCH,
        /** {@code block ...}: instructions up to {@code end}. */
        FLAT_BLOCK,
        /** {@code if ...}: instructions up to {@code else} or {@code end}. */
        FLAT_IF,
        /** {@code try ...}: instructions up to {@code catch}, {@code catch_all}, {@code delegate} or {@code end}. */
        FLAT_TRY,
        /** {@code catch ...}: instructions up to {@code catch}, {@code catch_all} or {@code end}. */
        FLAT_CATCH
    }

    private static final class Frame {
        Wait wait = Wait.SEQUENCE;
        /** Where the delayed instruction begins. */
        int delayed;
        /** Of an {@code if} whose block has not begun. */
        @Nullable String label;
        /** Number of the token behind it. */
        int behindLabel;
        /** Token with the name of the delayed instruction. */
        int keyword;
        /** Branch hint of the delayed instruction. */
        int hint;
    }

    private final Context c;
    private final Cursor in;
    private final ImmediateParser immediates;
    private final BlockHeader headers;
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
        headers = new BlockHeader(context);
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
        c.place(function, out.size(), in.pos());
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
            case SEQUENCE, FOLDED_BLOCK, THEN, LAST_PART, DO, CATCH, FLAT_BLOCK, FLAT_IF, FLAT_TRY, FLAT_CATCH ->
                instruction(frame);
            case OPERANDS -> operands(frame);
            case CONDITION -> condition(frame);
            case AFTER_THEN -> afterThen(frame);
            case TRY -> {
                in.expectOpen(Word.DO);
                frame.wait = Wait.DO;
            }
            case AFTER_DO, AFTER_CATCH -> handler(frame);
            case AFTER_LAST_PART -> closeFolded();
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
        c.place(function, code.size(), token);
        in.advance();
        switch (op) {
            case END -> flatEnd(frame, token);
            case ELSE -> flatElse(frame, token);
            case CATCH, CATCH_ALL -> {
                require(frame.wait == Wait.FLAT_TRY || frame.wait == Wait.FLAT_CATCH, token);
                handler(op);
                frame.wait = op == Opcode.CATCH ? Wait.FLAT_CATCH : Wait.FLAT_BLOCK;
            }
            case DELEGATE -> {
                require(frame.wait == Wait.FLAT_TRY, token);
                delegate();
            }
            case BLOCK, LOOP, TRY_TABLE, IF, TRY -> {
                hint(op, token);
                String label = in.optionalId();
                int behind = in.pos();
                headers.write(op, code);
                pushLabel(label, behind);
                push(switch (op) {
                    case IF -> Wait.FLAT_IF;
                    case TRY -> Wait.FLAT_TRY;
                    default -> Wait.FLAT_BLOCK;
                });
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
        switch (frame.wait) {
            case FLAT_BLOCK, FLAT_IF, FLAT_TRY, FLAT_CATCH -> {
                matchLabel();
                endBlock();
            }
            default -> require(false, token);
        }
    }

    /** Else what stands here does not belong here. */
    private void require(boolean condition, int token) {
        if (!condition) {
            in.seek(token);
            throw in.unexpected("an instruction");
        }
    }

    private void flatElse(Frame frame, int token) {
        require(frame.wait == Wait.FLAT_IF, token);
        matchLabel();
        code.u8(Opcode.ELSE.code());
        frame.wait = Wait.FLAT_BLOCK;
    }

    private void handler(Opcode op) {
        code.u8(op.code());
        if (op == Opcode.CATCH) {
            code.u32(c.tags.index(in));
        }
    }

    /** Ends the block; the label is one outside of it. */
    private void delegate() {
        c.labels.pop();
        code.u8(Opcode.DELEGATE.code()).u32(c.labels.index(in));
        depth--;
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
                c.place(function, code.size(), in.pos());
                in.close();
                endBlock();
            }
            case THEN -> {
                in.close();
                frame.wait = Wait.AFTER_THEN;
            }
            case DO -> {
                in.close();
                frame.wait = Wait.AFTER_DO;
            }
            case CATCH -> {
                in.close();
                frame.wait = Wait.AFTER_CATCH;
            }
            case LAST_PART -> {
                in.close();
                frame.wait = Wait.AFTER_LAST_PART;
            }
            case FLAT_BLOCK, FLAT_IF, FLAT_TRY, FLAT_CATCH -> throw in.unexpected("end");
            case OPERANDS, CONDITION, AFTER_THEN, TRY, AFTER_DO, AFTER_CATCH, AFTER_LAST_PART ->
                throw new AssertionError("BUG: no sequence: " + frame.wait);
        }
    }

    // Folded instructions

    private void folded() {
        int token = in.pos();
        in.open();
        Opcode op = in.opcode();
        if (op == null || op.closesBlock() || op.dividesBlock()) {
            throw in.unexpected("an instruction");
        }
        int keyword = in.pos();
        in.advance();
        switch (op) {
            case BLOCK, LOOP, TRY_TABLE, TRY -> {
                BranchHints.read(in, token, op);
                c.place(function, code.size(), keyword);
                String label = in.optionalId();
                int behind = in.pos();
                headers.write(op, code);
                pushLabel(label, behind);
                push(op == Opcode.TRY ? Wait.TRY : Wait.FOLDED_BLOCK);
            }
            case IF -> {
                Frame frame = push(Wait.CONDITION);
                frame.keyword = keyword;
                frame.hint = foldedHint(token, keyword, op);
                frame.delayed = delayed.size();
                frame.label = in.optionalId();
                frame.behindLabel = in.pos();
                headers.write(op, delayed);
            }
            default -> {
                Frame frame = push(Wait.OPERANDS);
                frame.keyword = keyword;
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
        c.place(function, code.size(), frame.keyword);
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
        if (in.openOpcode() == Opcode.ELSE) {
            c.place(function, code.size(), in.pos() + 1);
            in.advance();
            in.advance();
            code.u8(Opcode.ELSE.code());
            frame.wait = Wait.LAST_PART;
        } else {
            closeFolded();
        }
    }

    /** Of a {@code try}. */
    private void handler(Frame frame) {
        Opcode op = in.openOpcode();
        if (op == Opcode.CATCH || op == Opcode.CATCH_ALL) {
            in.advance();
            in.advance();
            handler(op);
            frame.wait = op == Opcode.CATCH ? Wait.CATCH : Wait.LAST_PART;
        } else if (op == Opcode.DELEGATE && frame.wait == Wait.AFTER_DO) {
            in.advance();
            in.advance();
            delegate();
            in.close();
            in.close();
        } else {
            closeFolded();
        }
    }

    private void closeFolded() {
        c.place(function, code.size(), in.pos());
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
}
