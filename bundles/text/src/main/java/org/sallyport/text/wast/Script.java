package org.sallyport.text.wast;

import java.util.List;
import org.sallyport.TextFormatException;
import org.sallyport.text.WatOptions;
import org.sallyport.text.parse.Source;

/**
 * A parsed script.
 *
 * @param file name of the text, for messages
 */
public record Script(String file, List<Command> commands) {
    public Script {
        commands = List.copyOf(commands);
    }

    /**
     * Reads a script. The modules in it are not compiled yet: a fault in one of them belongs to its command.
     *
     * @param utf8 the text; nobody may write to it as long as the script lives
     * @param options for the modules
     * @throws TextFormatException if the text is no script
     */
    public static Script parse(byte[] utf8, String file, WatOptions options) {
        return new Script(file, new ScriptParser(new Source(file, utf8), options).commands());
    }
}
