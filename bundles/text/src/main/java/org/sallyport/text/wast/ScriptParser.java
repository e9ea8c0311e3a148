package org.sallyport.text.wast;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sallyport.text.WatOptions;
import org.sallyport.text.parse.Cursor;
import org.sallyport.text.parse.Lexer;
import org.sallyport.text.parse.Source;
import org.sallyport.text.parse.Tokens;
import org.sallyport.text.parse.Tokens.Kind;
import org.sallyport.text.parse.Word;

/** Reads scripts. The grammar is that of the reference interpreter's manual. */
final class ScriptParser {
    private final Source source;
    private final Tokens tokens;
    private final Cursor in;
    private final WatOptions options;
    private final ValueParser values;

    private int line = 1;
    private int lineOffset;

    ScriptParser(Source source, WatOptions options) {
        this.source = source;
        this.options = options;
        tokens = Lexer.lex(source);
        in = new Cursor(tokens);
        values = new ValueParser(in);
    }

    List<Command> commands() {
        if (isModule()) {
            return List.of(new Command.Module(1, null, Definition.bytes(Definition.Form.QUOTE, source, options)));
        }
        List<Command> commands = new ArrayList<>();
        while (!in.at(Kind.END)) {
            commands.add(command());
        }
        return commands;
    }

    /** A script may also be the fields of one module without the parentheses around them. */
    private boolean isModule() {
        return switch (in.openWord()) {
            case TYPE, REC, IMPORT, FUNC, TABLE, MEMORY, GLOBAL, TAG, EXPORT, START, ELEM, DATA -> true;
            case null, default -> false;
        };
    }

    /** Lines are counted on from the last command, so that a long script is read once. */
    private int line() {
        int offset = in.offset();
        for (; lineOffset < offset; lineOffset++) {
            line += source.bytes()[lineOffset] == '\n' ? 1 : 0;
        }
        return line;
    }

    private Command command() {
        int line = line();
        Word word = in.openWord();
        return switch (word) {
            case MODULE -> module(line);
            case REGISTER -> register(line);
            case INVOKE, GET -> new Command.Perform(line, action());
            case ASSERT_RETURN -> assertReturn(line);
            case ASSERT_TRAP -> assertTrap(line);
            case ASSERT_EXHAUSTION -> assertExhaustion(line);
            case ASSERT_EXCEPTION -> assertException(line);
            case ASSERT_MALFORMED, ASSERT_MALFORMED_CUSTOM, ASSERT_INVALID, ASSERT_INVALID_CUSTOM, ASSERT_UNLINKABLE ->
                assertModule(line, word);
            case THREAD -> thread(line);
            case WAIT -> await(line);
            case null, default -> {
                in.open();
                throw in.unexpected("a command");
            }
        };
    }

    // Modules

    private Command module(int line) {
        int start = in.pos();
        in.expectOpen(Word.MODULE);
        if (in.accept(Word.INSTANCE)) {
            String id = in.optionalId();
            String definition = in.optionalId();
            in.close();
            return new Command.Instantiate(line, id, definition);
        }
        boolean isDefinition = in.accept(Word.DEFINITION);
        String id = in.optionalId();
        in.seek(start);
        Definition definition = definition();
        return isDefinition ? new Command.Define(line, id, definition) : new Command.Module(line, id, definition);
    }

    private Definition definition() {
        int start = in.pos();
        int end = in.match();
        String name = source.name() + ":" + line() + " (quoted)";
        in.expectOpen(Word.MODULE);
        in.accept(Word.DEFINITION);
        in.optionalId();
        Definition.Form form = in.accept(Word.BINARY)
                ? Definition.Form.BINARY
                : in.accept(Word.QUOTE) ? Definition.Form.QUOTE : Definition.Form.TEXT;
        if (form == Definition.Form.TEXT) {
            in.seek(end);
            in.close();
            return Definition.text(tokens, start, source, options);
        }
        Definition definition = Definition.bytes(form, new Source(name, in.byteStrings()), options);
        in.close();
        return definition;
    }

    private Command register(int line) {
        in.expectOpen(Word.REGISTER);
        String name = in.name();
        String instance = in.optionalId();
        in.close();
        return new Command.Register(line, name, instance);
    }

    // Actions

    private Action action() {
        boolean invoke = in.atOpen(Word.INVOKE);
        if (!invoke && !in.atOpen(Word.GET)) {
            throw in.unexpected("(invoke or (get");
        }
        in.open();
        in.advance();
        String instance = in.optionalId();
        String export = in.name();
        Action action = invoke
                ? new Action.Invoke(instance, export, values.arguments())
                : new Action.Get(instance, export);
        in.close();
        return action;
    }

    private Command assertReturn(int line) {
        in.expectOpen(Word.ASSERT_RETURN);
        Action action = action();
        List<Expected> results = new ArrayList<>();
        while (!in.at(Kind.CLOSE)) {
            results.add(values.expected());
        }
        in.close();
        return new Command.AssertReturn(line, action, results);
    }

    private Command assertTrap(int line) {
        in.expectOpen(Word.ASSERT_TRAP);
        Command command = in.atOpen(Word.MODULE)
                ? new Command.AssertUninstantiable(line, definition(), in.name())
                : new Command.AssertTrap(line, action(), in.name());
        in.close();
        return command;
    }

    private Command assertExhaustion(int line) {
        in.expectOpen(Word.ASSERT_EXHAUSTION);
        Command command = new Command.AssertExhaustion(line, action(), in.name());
        in.close();
        return command;
    }

    private Command assertException(int line) {
        in.expectOpen(Word.ASSERT_EXCEPTION);
        Command command = new Command.AssertException(line, action());
        in.close();
        return command;
    }

    private Command assertModule(int line, Word word) {
        in.open();
        in.advance();
        Definition definition = definition();
        String text = in.name();
        in.close();
        return switch (word) {
            case ASSERT_UNLINKABLE -> new Command.AssertUnlinkable(line, definition, text);
            case ASSERT_MALFORMED, ASSERT_MALFORMED_CUSTOM ->
                new Command.AssertMalformed(line, definition, text, word == Word.ASSERT_MALFORMED_CUSTOM);
            default -> new Command.AssertInvalid(line, definition, text, word == Word.ASSERT_INVALID_CUSTOM);
        };
    }

    // Threads

    private Command thread(int line) {
        in.expectOpen(Word.THREAD);
        String id = id();
        List<String> shared = new ArrayList<>();
        while (in.acceptOpen(Word.SHARED)) {
            in.expectOpen(Word.MODULE);
            shared.add(id());
            in.close();
            in.close();
        }
        List<Command> commands = new ArrayList<>();
        while (!in.at(Kind.CLOSE)) {
            if (in.atOpen(Word.THREAD)) {
                throw in.unexpected("a command other than thread");
            }
            commands.add(command());
        }
        in.close();
        return new Command.Thread(line, id, shared, commands);
    }

    private Command await(int line) {
        in.expectOpen(Word.WAIT);
        String thread = id();
        in.close();
        return new Command.Wait(line, thread);
    }

    private String id() {
        @Nullable String id = in.optionalId();
        if (id == null) {
            throw in.unexpected("a name that begins with $");
        }
        return id;
    }
}
