import com.adobe.epubcheck.api.EpubCheck;
import com.adobe.epubcheck.util.DefaultReportImpl;
import java.io.File;
import java.util.Arrays;

/** Checks every book in folders, all in one process, and prints what EPUBCheck finds and the figures. */
public class EpubChecks {
    public static void main(String[] folders) {
        int books = 0;
        int errors = 0;
        int warnings = 0;
        for (String folder : folders) {
            File[] files = new File(folder).listFiles((place, name) -> name.endsWith(".epub"));
            Arrays.sort(files);
            for (File file : files) {
                DefaultReportImpl report = new DefaultReportImpl(file.getPath());
                new EpubCheck(file, report).doValidate();
                books += 1;
                errors += report.getErrorCount() + report.getFatalErrorCount();
                warnings += report.getWarningCount();
            }
        }
        System.out.println("EPUBCheck: " + books + " books, " + errors + " errors, " + warnings + " warnings");
    }
}
