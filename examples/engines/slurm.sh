#!/bin/bash
# Slurm: converts a folder in parts, one array task for each.
#
#     sbatch --array=1-64 slurm.sh warc/ out/ 64
#     bindery convert --merge-reports out/reports    # when all have ended
#
# The number of parts is an argument of its own, so that a few can be run again: sbatch --array=3,17 slurm.sh warc/ out/ 64
# A task that was killed is queued again and converts what is left. The folders are on a file system that all nodes share.
#SBATCH --job-name=bindery
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --requeue
set -eu
input=$1 output=$2 parts=$3
code=0
bindery -q convert "$input" --output "$output/texts" --shard "$SLURM_ARRAY_TASK_ID/$parts" \
  --report "$output/reports/$SLURM_ARRAY_TASK_ID.jsonl" --threads "${SLURM_CPUS_PER_TASK:-1}" || code=$?
# 3: pages failed, and the report names them.
[ "$code" -eq 3 ] || exit "$code"
