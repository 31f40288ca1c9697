/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * complete_script - what makes bash, zsh and fish ask the program
 *
 * Bash splits words at ':' and '='. So the words are cut from the line anew, and what bash holds for
 * whole already is cut off the answers. @NAME@ stands for the program's name, @ASK@ for the command that answers.
 */
#include <errno.h>

#include "base/str.h"
#include "cli/complete.h"

static const char bash[] =
	"# bash completion for @NAME@\n"
	"_@NAME@_complete() {\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT}\n"
	"\tlocal words=() answers=() kind whole\n"
	"\tread -ra words <<< \"$line\"\n"
	"\t[[ $line != *[[:space:]] ]] || words+=('')\n"
	"\twhole=${words[${#words[@]}-1]}\n"
	"\tmapfile -t answers < <(\"${words[0]}\" @ASK@ \"${words[@]:1}\" 2>/dev/null)\n"
	"\t[ ${#answers[@]} -gt 0 ] || return 0\n"
	"\tkind=${answers[${#answers[@]}-1]}\n"
	"\tunset \"answers[${#answers[@]}-1]\"\n"
	"\tanswers=(\"${answers[@]%%$'\\t'*}\")\n"
	"\t[[ $cur != [:=] ]] || cur=\n"
	"\tCOMPREPLY=(\"${answers[@]#\"${whole%\"$cur\"}\"}\")\n"
	"\tcase $kind in\n"
	"\t:file)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
	"\t:dir)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
	"\tesac\n"
	"}\n"
	"complete -F _@NAME@_complete @NAME@\n";

static const char zsh[] =
	"#compdef @NAME@\n"
	"_@NAME@() {\n"
	"\tlocal -a answers pairs\n"
	"\tlocal kind answer word text\n"
	"\tanswers=(\"${(@f)$(\"${words[1]}\" @ASK@ \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
	"\tkind=${answers[-1]}\n"
	"\tfor answer in \"${(@)answers[1,-2]}\"; do\n"
	"\t\tword=${answer%%$'\\t'*} text=\n"
	"\t\t[[ $answer != *$'\\t'* ]] || text=\":${answer#*$'\\t'}\"\n"
	"\t\tpairs+=(\"${word//:/\\\\:}$text\")\n"
	"\tdone\n"
	"\t(( ! ${#pairs} )) || _describe '@NAME@' pairs\n"
	"\tcase $kind in\n"
	"\t:file) _files ;;\n"
	"\t:dir) _files -/ ;;\n"
	"\tesac\n"
	"}\n"
	"compdef _@NAME@ @NAME@\n";

static const char fish[] = "# fish completion for @NAME@\n"
			   "function __@NAME@_complete\n"
			   "\tset -l words (commandline -opc) (commandline -ct)\n"
			   "\tset -l answers ($words[1] @ASK@ $words[2..-1] 2>/dev/null)\n"
			   "\ttest (count $answers) -gt 0; or return\n"
			   "\tswitch $answers[-1]\n"
			   "\t\tcase :file\n"
			   "\t\t\t__fish_complete_path (commandline -ct)\n"
			   "\t\tcase :dir\n"
			   "\t\t\t__fish_complete_directories (commandline -ct)\n"
			   "\tend\n"
			   "\tstring match -v -- ':*' $answers\n"
			   "end\n"
			   "complete -c @NAME@ -f -a '(__@NAME@_complete)'\n";

static void print_filled(const char *script, const char *name, const char *ask, FILE *to)
{
	static const char name_mark[] = "@NAME@", ask_mark[] = "@ASK@";

	for (const char *at; (at = strchr(script, '@'));) {
		const bool is_name = str_starts(at, name_mark), is_ask = str_starts(at, ask_mark);
		fprintf(to, "%.*s%s", (int)(at - script), script,
			is_name	 ? name
			: is_ask ? ask
				 : "@");
		script = at + (is_name ? sizeof name_mark - 1 : is_ask ? sizeof ask_mark - 1 : 1);
	}
	fputs(script, to);
}

int complete_script(const char *shell, const char *name, bool bare, FILE *to)
{
	static const struct {
		const char *shell;
		const char *script;
	} scripts[] = { { "bash", bash }, { "fish", fish }, { "zsh", zsh } };

	for (size_t i = 0; i < array_len(scripts); i++) {
		if (str_eq(scripts[i].shell, shell)) {
			print_filled(scripts[i].script, name, bare ? COMPLETE_BARE : COMPLETE_ASK,
				     to);
			return 0;
		}
	}
	return -ENOENT;
}
