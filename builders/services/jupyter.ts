/** Names of the files in the folder of Jupyter's service; pipelines/jupyter/bucketworks_notebooks/serving.py has the token's, too. */
export const JUPYTER_FILES = { settings: "jupyter_server_config.json", token: "token" };

/** Settings of JupyterLab. The token is no part of them: it is read from its own file. */
export function jupyterSettings(): object {
  return {
    ServerApp: {
      open_browser: false,
      // Another port than the one that was chosen is nobody's.
      port_retries: 0,
      // Who owns the checkout, in a container root.
      allow_root: true,
    },
    PasswordIdentityProvider: { allow_password_change: false },
    // The platforms' notebooks, which git has, are saved without what they show.
    FileContentsManager: { pre_save_hook: "bucketworks_notebooks.saving.without_outputs" },
    // Nothing is asked of the network: no newer version, no news, no extensions.
    LabApp: {
      check_for_updates_class: "jupyterlab.NeverCheckForUpdate",
      news_url: null,
      extension_manager: "readonly",
    },
  };
}
